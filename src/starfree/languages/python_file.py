"""Languages that a Python file defines."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ..errors import BadInput, StarfreeError
from .files import read_text
from .language import Language


def read_python(path: str | Path, name: str) -> Language:
    """Run a Python file and return the language that it gives to a name.

    Raises:
        BadInput: when the file cannot be read or run, or the name is not a language in it.
    """
    read_text(path)  # for its messages about files that cannot be read
    what = f"{path}:{name}"
    spec = spec_from_file_location("starfree_user_file", path)
    if spec is None or spec.loader is None:
        raise BadInput(what, "is not a Python file", "Name a file that ends in .py.")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look their module up by name
    try:
        with redirect_stdout(sys.stderr):  # standard output is for the answer alone
            spec.loader.exec_module(module)
    except (StarfreeError, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever a user's file raises is about that file
        raise BadInput(what, f"cannot be run: {type(error).__name__}: {error}", "Correct the file.") from None
    finally:
        del sys.modules[spec.name]
    value = getattr(module, name, None)
    if not isinstance(value, Language):
        found = sorted(key for key, one in vars(module).items() if isinstance(one, Language))
        do = f"It has: {', '.join(found)}." if found else "Give the name of a Language."
        raise BadInput(what, f"{name!r} is not a language in the file", do)
    return value

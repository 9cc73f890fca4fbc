"""Languages that a Python file defines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from copy import copy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ..errors import BadInput, StarfreeError
from .files import read_text
from .language import Language
from .words import check_alphabet


def read_python(path: str | Path, name: str) -> Language:
    """Run a Python file and return the language that it gives to a name.

    Raises:
        BadInput: when the file cannot be read or run, or the name is not a language in it
            with an alphabet.
    """
    read_text(path)  # for its messages about files that cannot be read
    what = f"{path}:{name}"
    spec = spec_from_file_location("starfree_user_file", path)
    if spec is None or spec.loader is None:
        raise BadInput(what, "is not a Python file", "Name a file that ends in .py.")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look their module up by name
    try:
        with _output_to_standard_error():
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
    _check_alphabet(what, value)
    return value if value.spec else _named(value, what)


def _named(value: Language, spec: str) -> Language:
    """Return a language without a text of its own with the text by which it was asked for."""
    named = copy(value)
    with suppress(AttributeError):  # a class may keep its text from being set
        object.__setattr__(named, "spec", spec)
    return named


def _check_alphabet(what: str, value: Language) -> None:
    try:
        check_alphabet(value.alphabet)
    except StarfreeError:
        raise
    except Exception as error:
        why = f"its alphabet cannot be used: {type(error).__name__}: {error}"
        raise BadInput(what, why, 'Give the class one, such as alphabet = ("a", "b").') from None


@contextmanager
def _output_to_standard_error() -> Iterator[None]:
    """Send what is printed to standard error, also by programs that are started: the answer stands alone."""
    with redirect_stdout(sys.stderr), ExitStack() as undo:
        with suppress(OSError):  # a process may have no such streams
            kept = os.dup(1)
            undo.callback(os.close, kept)
            if sys.__stdout__ is not None:
                sys.__stdout__.flush()
            os.dup2(2, 1)
            undo.callback(os.dup2, kept, 1)
        yield

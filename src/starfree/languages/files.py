"""Reading text files that a user names, with errors that a user understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .words import brief


def read_text(path: str | Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        BadInput: when it is not there, is no file, or cannot be read as text.
    """
    what = f"file {brief(str(path), 100)!r}"
    try:
        if Path(path).exists() and not Path(path).is_file():  # a pipe or a device might never end
            raise BadInput(what, "is not a file", "Name a file.")
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(what, "does not exist", "Check the name.") from None
    except NotADirectoryError:
        raise BadInput(what, "is not a file", "Name a file.") from None
    except UnicodeDecodeError as error:
        why = f"is not text in UTF-8: byte {error.start + 1} cannot be read"
        raise BadInput(what, why, "Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(what, f"cannot be read: {why}", "Check the name and its permissions.") from None


class RepeatedKey(ValueError):
    """An object in a JSON text has two values for one key: of these, each reader might take another one."""


def json_document(text: str) -> Any:
    """Return a JSON document in which no object repeats a key.

    Raises:
        ValueError: when it is not JSON; `RepeatedKey` when a key is repeated.
        RecursionError: when it nests too deep.

    >>> json_document('{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise RepeatedKey(f"the key {brief(key)!r} is repeated")
        found[key] = value
    return found

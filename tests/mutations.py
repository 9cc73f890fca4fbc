"""Random mutations of JSON documents: blind ones, and ones that keep the form but change the meaning."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Rng = np.random.Generator
Path = tuple[Any, ...]
ODD: tuple[Any, ...] = (None, True, False, -1, 0, 1, 10**30, 1.0, "", "x", "1/2", [], [[]], {}, "\ud800")
SPECS = (
    "(aa)*",
    "(ab)*",
    "b*ab*",
    "(a|b)*ab",
    "(0|10*1)*",
    "~(a*)",
    "[ab]{2,3}",
    "(aaa)*",
    "a)",
    "@group[(1 2)]",
)


def pick(rng: Rng, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """All places inside a document, in order."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*path, key))


def get(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: Path, new: Any) -> None:
    get(value, path[:-1])[path[-1]] = new


def blind(rng: Rng, document: Any, others: list[Any]) -> Any:
    """Change any one thing, whatever it means."""
    new = copy.deepcopy(document)
    path = pick(rng, list(paths(new))[1:])
    old = get(new, path)
    choice = int(rng.integers(5))
    if choice == 0:
        put(new, path, pick(rng, ODD))
    elif choice == 1 and isinstance(old, dict | list) and old:
        keys = list(old) if isinstance(old, dict) else range(len(old))
        del old[pick(rng, keys)]
    elif choice == 2 and isinstance(old, list) and old:
        if rng.integers(2):
            old.insert(int(rng.integers(len(old) + 1)), copy.deepcopy(pick(rng, old)))
        else:
            del old[int(rng.integers(len(old))) :]
    elif choice == 3:
        other = pick(rng, others)
        put(new, path[:1], copy.deepcopy(other[path[0]]))
    elif isinstance(old, dict):
        old["extra"] = pick(rng, ODD)
    else:
        put(new, path, copy.deepcopy(get(new, pick(rng, list(paths(new))[1:]))))
    return new


def meant(rng: Rng, document: Any, others: list[Any]) -> Any:
    """Change one thing so that types and most ranges stay valid."""
    new = copy.deepcopy(document)
    pick(rng, (leaf, leaf, leaf, leaf, table, accepting, order, elsewhere, claim))(rng, new, others)
    return new


def leaf(rng: Rng, new: Any, others: list[Any]) -> None:
    """Another value of the same kind at one leaf of the evidence: a symbol, state, number, fraction, flag."""
    leaves = [
        p
        for p in paths(new["evidence"])
        if not isinstance(get(new["evidence"], p), dict | list) and p != ("kind",)
    ]
    if not leaves:
        return table(rng, new, others)
    path = pick(rng, leaves)
    old = get(new["evidence"], path)
    value: Any = old
    if isinstance(old, bool):
        value = not old
    elif isinstance(old, int):
        value = max(0, old + int(pick(rng, (-2, -1, 1, 2))))
    elif old in new["language"]["alphabet"]:
        value = pick(rng, new["language"]["alphabet"])
    elif isinstance(old, str) and old.lstrip("-").replace("/", "").isdigit():
        value = pick(rng, ("0", "1", "-1", "1/2", "-1/2", "2", "3/2"))
    elif old in ("gen", "mul", "inv", "two-groups", "solvable"):
        value = pick(rng, ("gen", "mul", "inv") if len(old) == 3 else ("two-groups", "solvable"))
    put(new["evidence"], path, value)


def table(rng: Rng, new: Any, others: list[Any]) -> None:
    """Another transition."""
    rows = new["language"]["dfa"]["table"]
    row = pick(rng, rows)
    if row:
        row[int(rng.integers(len(row)))] = int(rng.integers(len(rows)))
        unspecified(rng, new)


def accepting(rng: Rng, new: Any, others: list[Any]) -> None:
    """Another set of accepting states."""
    dfa = new["language"]["dfa"]
    dfa["accepting"] = sorted(set(dfa["accepting"]) ^ {int(rng.integers(len(dfa["table"])))})
    unspecified(rng, new)


def unspecified(rng: Rng, new: Any) -> None:
    """Drop the spec as a rule, so that the changed table stands on its own."""
    if rng.integers(4):
        new["language"]["spec"] = None


def order(rng: Rng, new: Any, others: list[Any]) -> None:
    """Swap, drop or repeat entries of one list of the evidence."""
    lists = [
        get(new["evidence"], p) for p in paths(new["evidence"]) if isinstance(get(new["evidence"], p), list)
    ]
    lists = [entries for entries in lists if entries]
    if not lists:
        return claim(rng, new, others)
    entries = pick(rng, lists)
    i, j = (int(x) for x in rng.integers(len(entries), size=2))
    choice = int(rng.integers(3))
    if choice == 0:
        entries[i], entries[j] = entries[j], entries[i]
    elif choice == 1:
        del entries[i]
    else:
        entries.insert(i, copy.deepcopy(entries[j]))


def elsewhere(rng: Rng, new: Any, others: list[Any]) -> None:
    """Another language's evidence, another language, or another spec."""
    other = copy.deepcopy(pick(rng, others))
    choice = int(rng.integers(4))
    if choice == 0:
        new["evidence"] = other["evidence"]
    elif choice == 1:
        new["language"] = other["language"]
    elif choice == 2:
        new["evidence"], new["family"], new["claim"] = other["evidence"], other["family"], other["claim"]
        new["arithmetic"], new["assuming"] = other["arithmetic"], other["assuming"]
    else:
        spec = new["language"]["spec"] or "a*"
        cut = int(rng.integers(len(spec)))
        new["language"]["spec"] = pick(rng, (*SPECS, spec + "*", f"~({spec})", spec[:cut] + spec[cut + 1 :]))


def claim(rng: Rng, new: Any, others: list[Any]) -> None:
    """Another family with its arithmetic, another claim, or another task."""
    choice = int(rng.integers(3))
    if choice == 0:
        other = pick(rng, others)
        new["family"], new["arithmetic"] = other["family"], other["arithmetic"]
    elif choice == 1:
        new["claim"] = "no" if new["claim"] == "yes" else "yes"
    else:
        new["task"] = "predict" if new["task"] == "recognise" else "recognise"


Mutation = Callable[[Rng, Any, list[Any]], Any]

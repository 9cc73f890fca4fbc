"""Splits as a folder that the library `datasets` loads: for those who train with tools of their own."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput, MissingDependency
from ..languages import format_word
from ..models.tokens import token_ids, token_strings
from .examples import Examples
from .splits import Split

_CARD = """---
configs:
- config_name: default
  data_files:
{files}
---

# {title}

Words of {spec} over the alphabet `{alphabet}`, each with the legal set of every prefix. Written by starfree.

| part | lengths | words | no others of these lengths |
|---|---|---|---|
{rows}

No word is in two parts. `validation` has lengths of the training words and is the only part to select by;
`bin_0` has them too, the other bins are longer.{few}

- `word`: the word as text{spaced}.
- `tokens`: {bos} for the beginning, then the symbols, numbered from 0: {symbols}.
- `legal`: for every prefix, the empty one first, 0 or 1 for each symbol and at last for "the word may end".

Seed: {seed}.
"""


def export(split: Split, directory: str | PathLike[str]) -> Path:
    """Write a split as parquet files with a dataset card, for `datasets.load_dataset(directory)`.

    Arguments:
        split: what to write; each of its bins becomes a part `bin_0`, `bin_1`, ...
        directory: made if it is missing; must have no files.

    Returns:
        the directory.

    Raises:
        MissingDependency: without pyarrow.
        BadInput: when the directory has files in it, or cannot be written.

    Complexity: linear in the entries of the legal sets.
    """
    arrow, parquet = _arrow()
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadInput(str(folder), "is not empty", "Name another directory.")
        parts = {"train": split.train, "validation": split.validation}
        parts |= {f"bin_{i}": one.examples for i, one in enumerate(split.bins)}
        for name, examples in parts.items():
            parquet.write_table(_table(arrow, examples), folder / f"{name}.parquet")
        (folder / "README.md").write_text(_card(split, parts), "utf-8")
    except OSError as error:
        raise BadInput(
            str(folder), f"cannot be written: {error.strerror}", "Name another directory."
        ) from None
    return folder


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingDependency(
            "exporting a data set", "pyarrow is not installed", "Install it: pip install 'starfree[data]'."
        ) from None
    return pyarrow, pyarrow.parquet


def _table(arrow: Any, examples: Examples) -> Any:
    """Return the words as a table; what is PAD is left out."""
    mask = examples.mask
    width = examples.legal.shape[2]
    ends = np.concatenate([[0], np.cumsum(examples.lengths + 1)]).astype(np.int32)
    tokens = arrow.ListArray.from_arrays(ends, examples.tokens[mask].astype(np.int32))
    bits = arrow.array(examples.legal[mask].astype(np.int8).ravel())
    sets = arrow.ListArray.from_arrays(np.arange(ends[-1] + 1, dtype=np.int32) * width, bits)
    legal = arrow.ListArray.from_arrays(ends, sets)
    words = [format_word(word, examples.alphabet) for word in examples.words()]
    return arrow.table({"word": arrow.array(words, arrow.string()), "tokens": tokens, "legal": legal})


def _card(split: Split, parts: dict[str, Examples]) -> str:
    alphabet = split.language.alphabet
    spec = split.language.spec or "a language"
    lo, hi = split.bins[0].lo, split.bins[0].hi
    windows = [(lo, hi, False), (lo, hi, False), *((one.lo, one.hi, one.exhaustive) for one in split.bins)]
    rows = [
        f"| {name} | {a} to {b} | {len(examples)} | {'yes' if every else 'no'} |"
        for (name, examples), (a, b, every) in zip(parts.items(), windows, strict=True)
    ]
    few = " The training lengths have few words, which were shared out." if split.few else ""
    return _CARD.format(
        files="\n".join(f"  - split: {name}\n    path: {name}.parquet" for name in parts),
        title=f"{spec}, lengths {lo} to {hi}",
        spec=f"`{spec}`",
        alphabet=format_word(alphabet, alphabet),
        rows="\n".join(rows),
        few=few,
        spaced=", symbols separated by spaces" if any(len(symbol) != 1 for symbol in alphabet) else "",
        bos=token_ids(len(alphabet)).bos,
        symbols=json.dumps(token_strings(alphabet)[: len(alphabet)], ensure_ascii=False),
        seed=split.seed,
    )

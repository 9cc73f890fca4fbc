"""Named coordinates: what each cell holds after each prefix of a word, read off the running model.

The bits are read twice, independently: from the residual stream, by hooks on the stock modules, and from the
recurrent state in the cache, one token at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import LegalSet, Word
from .mamba import COUNT_BITS, Coordinate, Mamba
from .stock import forward, legal_set, libraries, shared
from .tokens import encode, token_ids

if TYPE_CHECKING:
    from torch import Tensor, nn

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One run of a model on a word of n symbols; row t is what it holds after t symbols.

    Arguments:
        word: the symbols.
        coordinates: C of them.
        residual: shape `(n + 1, C)`: the residual stream at each coordinate; +1 is 0 and -1 is 1.
        state: shape `(n + 1, C)`: the recurrent state of its channel, a number for each of the two bits.
        legal: n + 1 legal sets.
        sums: of a model that counts: for each sum, by name, its n + 1 values, off the residual stream.

    A coordinate of an old value is read one position later, where the model has it.
    """

    word: tuple[str, ...]
    coordinates: tuple[Coordinate, ...]
    residual: Floats
    state: Floats
    legal: tuple[LegalSet, ...]
    sums: dict[str, tuple[int, ...]]

    @cached_property
    def bits(self) -> NDArray[np.bool_]:
        """Shape `(n + 1, C)`: the bits, off the residual stream."""
        flags: NDArray[np.bool_] = self.residual < 0
        return flags

    @cached_property
    def cells(self) -> dict[str, tuple[int, ...]]:
        """For each cell, by name, its n + 1 values: at the start, and after each symbol."""
        values: dict[str, list[int]] = {}
        seen: set[tuple[str, int]] = set()
        for column, coordinate in enumerate(self.coordinates):
            row = values.setdefault(coordinate.cell, [0] * len(self.residual))
            if (coordinate.cell, coordinate.bit) in seen:  # an old and a new value say the same
                continue
            seen.add((coordinate.cell, coordinate.bit))
            for t, flag in enumerate(self.bits[:, column].tolist()):
                row[t] |= flag << coordinate.bit
        return {name: tuple(row) for name, row in values.items()}

    def __str__(self) -> str:
        """Return a table: a row for each sum and cell, a column for each prefix."""
        held = {**self.sums, **self.cells}
        rows = [("", "BOS", *self.word), *((name, *map(str, row)) for name, row in held.items())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def trace(model: Mamba, word: Word, dtype: str = "float32") -> Trace:
    """Return what each cell holds after each prefix of a word.

    Raises:
        BadInput: for a foreign symbol, or a model whose coordinates have no names.
        MissingDependency: when torch or transformers is missing.

    Complexity: linear in the length of the word times the size of the model.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> from starfree.targets.mamba import lower_mamba
    >>> found = trace(lower_mamba(decompose(regex("(ab)*"))), "abb")
    >>> len(found.cells), {len(values) for values in found.cells.values()}
    (2, {4})
    """
    if model.features == () and not model.coordinates:
        raise BadInput(repr(model), "the names of its coordinates are not known", "Keep its starfree.json.")
    bos, *symbols = encode(model.alphabet, word)
    # One more token, so that old values are read after the last symbol too; what it is does not matter.
    ids = [bos, *symbols, token_ids(len(model.alphabet)).eos]
    module = shared(model, dtype)
    last = model.layers - 1
    streams, logits = _streams(module, sorted({c.layer for c in model.coordinates} | {last}), ids)
    states = _states(module, model.coordinates, ids)
    n = len(symbols) + 1
    residual, state = np.empty((2, n, len(model.coordinates)), np.float32)
    for column, c in enumerate(model.coordinates):
        rows = slice(0, n) if c.when == "new" else slice(1, n + 1)
        residual[:, column] = streams[c.layer][rows, c.dim]
        state[:, column] = states[rows, column]
    legal = tuple(legal_set(model.alphabet, row.tolist()) for row in logits[0, :n] > 0)
    counted = streams[last][:n] * 2.0**COUNT_BITS
    sums = {name: tuple(map(round, counted[:, dim].tolist())) for name, dim in model.sums.items()}
    return Trace(tuple(model.alphabet[i] for i in symbols), model.coordinates, residual, state, legal, sums)


def _streams(module: nn.Module, layers: list[int], ids: list[int]) -> tuple[dict[int, Floats], Tensor]:
    """Return the output of each block, shape `(time, H)`, and the logits, by one full forward."""
    found: dict[int, Floats] = {}

    def keep(layer: int) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            found[layer] = output[0].float().numpy()

        return hook

    with ExitStack() as hooks:
        for layer in layers:
            block = module.get_submodule(f"backbone.layers.{layer}")
            hooks.callback(block.register_forward_hook(keep(layer)).remove)
        logits = forward(module, [ids])
    return found, logits


def _states(module: nn.Module, coordinates: tuple[Coordinate, ...], ids: list[int]) -> Floats:
    """Return the recurrent state of each coordinate after each token, shape `(time, C)`."""
    torch, _ = libraries()

    def read(cache: Any) -> Iterator[float]:
        for c in coordinates:
            state = cache.layers[c.layer].recurrent_states[0][0]  # (channels, N) or (heads, channels, N)
            yield float(state.flatten(0, -2)[c.channel, 0])

    rows, cache = [], None
    with torch.inference_mode():
        for token in ids:
            cache = module(input_ids=torch.tensor([[token]]), cache_params=cache, use_cache=True).cache_params
            rows.append(list(read(cache)))
    return np.array(rows, np.float32).reshape(len(ids), len(coordinates))

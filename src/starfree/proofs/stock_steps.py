"""The one-token path of a running stock model, on many caches at once, each kept as a row of small numbers.

A cache is large and there are many, but each layer meets few windows and few states. So each tensor of the
cache has a dictionary of its distinct rows, compared byte for byte, and a cache is the list of their numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..rows import RowIndex, pack

_BATCH_BYTES = 1 << 25  # of caches that are stepped in one call
_LONGEST_BATCH = 4096  # rows: more gains nothing and no longer fits the processor's cache
_SINGLE_BATCH = 64  # rows between two looks at the clock when each is run alone

Codes = NDArray[np.int32]


class StockSteps:
    """A stock model, and the dictionaries of all the rows that its caches have held so far.

    Arguments:
        net: the model, in evaluation mode, in the dtype that the proof is to be about.
        bos: the token that every sequence begins with.
        single: run each row alone, as one sequence is generated. It is slow, and makes a difference only
            where sums are not exact: libraries add in another order in another size of batch.
    """

    def __init__(self, net: Any, bos: int, *, single: bool = False) -> None:
        self._net, self.single = net, single
        with torch.inference_mode():
            out = net(input_ids=torch.tensor([[bos]]), use_cache=True)
        self._cache = out.cache_params
        parts = [part for layer in self._cache.layers for part in (layer.conv_states, layer.recurrent_states)]
        self._parts: list[dict[int, torch.Tensor]] = parts
        self._sizes = [(part[0].dtype, part[0].shape[1:], part[0][0].nbytes) for part in parts]
        self._rows = [RowIndex(max(1, -(-size // 8))) for _, _, size in self._sizes]
        first = self._encode([part[0] for part in parts])
        self.first: tuple[Codes, torch.Tensor] = first, out.logits[:, -1]
        longest = _SINGLE_BATCH if single else _LONGEST_BATCH
        self.batch = max(1, min(longest, _BATCH_BYTES // max(1, sum(size for *_, size in self._sizes))))

    @property
    def width(self) -> int:
        """How many numbers stand for a cache."""
        return len(self._parts)

    def step(self, codes: Codes, tokens: NDArray[np.int64]) -> tuple[Codes, torch.Tensor]:
        """Read one token on each cache.

        Arguments:
            codes: shape `(m, width)`, the caches.
            tokens: shape `(m,)`.

        Returns:
            the caches after it, and the logits, shape `(m, vocabulary)`.
        """
        together = 1 if self.single else len(tokens)
        with torch.inference_mode():
            held = self._decode(codes)
            ids = torch.from_numpy(tokens)[:, None]
            runs = [
                self._run([rows[at : at + together] for rows in held], ids[at : at + together])
                for at in range(0, len(tokens), together)
            ]
        after, logits = zip(*runs, strict=True)
        return self._encode([torch.cat(rows) for rows in zip(*after, strict=True)]), torch.cat(logits)

    def _run(self, held: list[torch.Tensor], ids: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Put rows into the cache, which is the model's own, and return what the model makes of them."""
        for part, rows in zip(self._parts, held, strict=True):
            part[0] = rows
        out = self._net(input_ids=ids, cache_params=self._cache, use_cache=True)
        return [part[0] for part in self._parts], out.logits[:, -1]

    def _decode(self, codes: Codes) -> list[torch.Tensor]:
        """Return the tensors of the cache that the numbers stand for."""
        held = []
        for index, (dtype, shape, size), numbers in zip(self._rows, self._sizes, codes.T, strict=True):
            raw = np.ascontiguousarray(index.rows[numbers].view(np.uint8)[:, :size])
            held.append(torch.from_numpy(raw).view(dtype).reshape(len(codes), *shape))
        return held

    def _encode(self, held: list[torch.Tensor]) -> Codes:
        """Number the rows of the tensors of a cache."""
        columns = []
        for rows, index in zip(held, self._rows, strict=True):
            raw = rows.contiguous().view(torch.uint8).numpy().reshape(len(rows), -1)
            columns.append(index.add(pack(raw))[0])
        return np.stack(columns, axis=1).astype(np.int32)

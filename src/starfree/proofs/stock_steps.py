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

Codes = NDArray[np.int32]


class StockSteps:
    """A stock model, and the dictionaries of all the rows that its caches have held so far.

    Arguments:
        net: the model, in evaluation mode, in the dtype that the proof is to be about.
        bos: the token that every sequence begins with.
    """

    def __init__(self, net: Any, bos: int) -> None:
        self._net = net
        with torch.inference_mode():
            out = net(input_ids=torch.tensor([[bos]]), use_cache=True)
        self._cache = out.cache_params
        parts = [part for layer in self._cache.layers for part in (layer.conv_states, layer.recurrent_states)]
        self._parts: list[dict[int, torch.Tensor]] = parts
        self._sizes = [(part[0].dtype, part[0].shape[1:], part[0][0].nbytes) for part in parts]
        self._rows = [RowIndex(max(1, -(-size // 8))) for _, _, size in self._sizes]
        self.first: tuple[Codes, torch.Tensor] = self._encode(), out.logits[:, -1]
        self.batch = max(
            1, min(_LONGEST_BATCH, _BATCH_BYTES // max(1, sum(size for *_, size in self._sizes)))
        )

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
        with torch.inference_mode():
            self._decode(codes)
            ids = torch.from_numpy(tokens)[:, None]
            out = self._net(input_ids=ids, cache_params=self._cache, use_cache=True)
            return self._encode(), out.logits[:, -1]

    def _decode(self, codes: Codes) -> None:
        """Put the rows back into the cache: it is the model's own, and only its tensors are exchanged."""
        for part, index, (dtype, shape, size), numbers in zip(
            self._parts, self._rows, self._sizes, codes.T, strict=True
        ):
            held = index.rows[numbers].view(np.uint8)[:, :size]
            rows = torch.from_numpy(np.ascontiguousarray(held)).view(dtype)
            part[0] = rows.reshape(len(codes), *shape)

    def _encode(self) -> Codes:
        """Number the rows of the cache as the model has left it."""
        columns = []
        for part, index in zip(self._parts, self._rows, strict=True):
            held = part[0].contiguous()
            raw = held.view(torch.uint8).numpy().reshape(len(held), -1)
            columns.append(index.add(pack(raw))[0])
        return np.stack(columns, axis=1).astype(np.int32)

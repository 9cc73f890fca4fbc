"""Numbering distinct rows, against a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import count

from starfree.rows import RowIndex, pack


def numbered(rows: np.ndarray, known: dict[bytes, int]) -> tuple[list[int], list[int]]:
    """Number rows with a dictionary."""
    ids, fresh = [], []
    for i, row in enumerate(rows):
        key = row.tobytes()
        if key not in known:
            known[key] = len(known)
            fresh.append(i)
        ids.append(known[key])
    return ids, fresh


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("values", [2, 7, 1000])
def test_agrees_with_a_dictionary(width: int, values: int) -> None:
    rng = np.random.default_rng(width * 1000 + values)
    for _ in range(count(5, 50)):
        index, known = RowIndex(width), dict[bytes, int]()
        for _ in range(6):
            batch = rng.integers(0, values, (int(rng.integers(0, 400)), width)).astype(np.uint64)
            ids, fresh = index.add(batch)
            assert (ids.tolist(), fresh.tolist()) == numbered(batch, known)
            assert len(index) == len(known)
        assert [row.tobytes() for row in index.rows] == list(known)


def test_batches_larger_than_a_chunk() -> None:
    rng = np.random.default_rng(0)
    batch = rng.integers(0, 60_000, (300_000, 1)).astype(np.uint64)
    ids, fresh = RowIndex(1).add(batch)
    values, first, inverse = np.unique(batch[:, 0], return_index=True, return_inverse=True)
    rank = np.empty(len(values), np.int64)
    rank[np.argsort(first)] = np.arange(len(values))
    assert (ids == rank[inverse]).all()
    assert (fresh == np.sort(first)).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.uint64])
@pytest.mark.parametrize("width", [1, 3, 8, 9])
def test_packing_keeps_rows_apart(dtype: type, width: int) -> None:
    rows = np.random.default_rng(1).integers(0, 3, (200, width)).astype(dtype)
    packed = pack(rows)
    assert len({row.tobytes() for row in packed}) == len({row.tobytes() for row in rows})
    same = (rows[:, None] == rows[None]).all(axis=2)
    assert ((packed[:, None] == packed[None]).all(axis=2) == same).all()


def test_packing_no_columns() -> None:
    assert (pack(np.zeros((3, 0), np.int32)) == 0).all()
    ids, fresh = RowIndex(1).add(pack(np.zeros((3, 0), np.int32)))
    assert (ids.tolist(), fresh.tolist()) == ([0, 0, 0], [0])


@pytest.mark.parametrize("width", [255, 256, 300])
def test_wide_rows_are_numbered_alike(width: int) -> None:
    rng = np.random.default_rng(width)
    distinct = rng.integers(0, 1 << 60, (40, width)).astype(np.uint64)
    distinct[1:20] = distinct[0]
    distinct[np.arange(1, 20), rng.integers(0, width, 19)] += np.arange(1, 20).astype(np.uint64)
    batch = distinct[rng.integers(0, 40, 200)]
    known: dict[bytes, int] = {}
    expected = [known.setdefault(row.tobytes(), len(known)) for row in batch]
    index = RowIndex(width)
    ids = np.concatenate([index.add(batch[i : i + 30])[0] for i in range(0, 200, 30)])
    assert ids.tolist() == expected
    assert len(index) == len(known)

"""Everything a running stock model and a DFA can do together, token by token, breadth-first, until closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages import DFA
from ..models.tokens import token_ids
from ..rows import RowIndex, pack
from .explore import widen
from .stock_steps import Codes, StockSteps

_DOING = "exploring the product of the stock model and the language"

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class TokenDFA:
    """A DFA over the tokens of a model: what each token does, and which are legal.

    Arguments:
        start: the state after BOS.
        table: shape `(n, v)`; BOS leads to the start, EOS, UNK and symbols foreign to the language to a dead
            state. PAD, which stands only where the attention mask hides it, has a column too: it is BOS's.
        legal: shape `(n, v)`; EOS stands for END; BOS, PAD and UNK are never legal.
        live: shape `(n,)`.
    """

    start: int
    table: NDArray[np.int32]
    legal: Flags
    live: Flags

    @classmethod
    def of(cls, dfa: DFA, alphabet: tuple[str, ...]) -> TokenDFA:
        """Return the DFA over the tokens of a model with that alphabet, which contains the language's."""
        symbols, allowed, live = widen(dfa, alphabet)
        bos, eos, pad, unk = token_ids(len(alphabet))
        dead = int(np.flatnonzero(~live)[0])  # the language's own dead state, or the added one: alike
        symbols[symbols == dfa.states] = dead
        table = np.full((len(live), unk + 1), dead, np.int32)
        table[:, :bos] = symbols
        table[:, [bos, pad]] = dfa.start
        legal = np.zeros((len(live), unk + 1), np.bool_)
        legal[:, :bos], legal[:, eos] = allowed[:, :-1], allowed[:, -1]
        return cls(dfa.start, table, legal, live)


@dataclass(frozen=True, eq=False, repr=False)
class StockProduct:
    """The closed product of a stock model and a language whose legal sets agree everywhere.

    Arguments:
        codes: shape `(m, width)`, the cache of each product state, in the numbers of its `StockSteps`.
        states: shape `(m,)`, the DFA state of each product state.
        parent, token: shape `(m,)`: from which product state and by which token each was first reached; -1 at
            0, the state after BOS.
        explored: shape `(c,)`, one token, the least, of each class of tokens that model and DFA do not tell
            apart.
        successors: shape `(m, c)`; -1 where not explored (predict, dead).
        margin: the least absolute value of a logit that was compared.
        illegal_mass: the largest sum of the probabilities of illegal tokens (softmax in float32, as in
            sampling at temperature 1) after a live prefix.
    """

    codes: Codes
    states: NDArray[np.int32]
    parent: NDArray[np.int64]
    token: NDArray[np.int64]
    explored: NDArray[np.int64]
    successors: NDArray[np.int64]
    margin: float
    illegal_mass: float

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        return f"<StockProduct: {len(self)} states, {self.transitions} transitions>"

    @property
    def transitions(self) -> int:
        """How many pairs of a state and a class of tokens were run."""
        return int((self.successors >= 0).sum())

    def held(self) -> NDArray[np.int64]:
        """Return for each explored token how many states it leaves as they are, bit for bit.

        Such a token may be repeated any number of times: the model does not move.
        """
        counts: NDArray[np.int64] = (self.successors == np.arange(len(self))[:, None]).sum(axis=0)
        return counts


@dataclass(frozen=True)
class StockMismatch:
    """A shortest sequence of tokens after BOS where the legal sets differ, the first in token order."""

    tokens: tuple[int, ...]
    model_legal: Flags = field(compare=False)
    language_legal: Flags = field(compare=False)


def explore_stock(
    steps: StockSteps,
    dfa: TokenDFA,
    explored: NDArray[np.int64],
    *,
    task: str,
    budget: Budget = DEFAULT,
    progress: Callable[[int], None] | None = None,
) -> StockProduct | StockMismatch:
    """Compare legal sets in every reachable pair (bit pattern of the whole cache, DFA state).

    A token is legal when its logit is finite and above 0, so a model that computes NaN allows nothing.

    The rows of a batch are taken to be computed alike whatever else is in the batch. That holds where every
    sum is exact, as in the plain construction; elsewhere a library may add in another order for another size
    of batch, and the result is about these batches: run single rows instead (`StockSteps.single`).
    `same_alone` tells whether that makes a difference.

    Arguments:
        explored: the tokens to read, see `token_classes`.
        task: "recognise" compares after every sequence of tokens, "predict" while the prefix is live.
        progress: called with the number of product states found so far.

    Returns:
        the closed product, or a shortest sequence on which the two differ.

    Raises:
        BudgetExceeded: more than `budget.max_states` product states, or out of time.

    Complexity: product states times classes of tokens times one step of the model, in batches.
    """
    predict = task == "predict"
    codes, logits = steps.first
    states = np.array([dfa.start], np.int32)
    seen = _Seen()
    if not predict or dfa.live[dfa.start]:
        flags = seen.look(logits, dfa.legal[states], dfa.live[states])
        if not np.array_equal(flags[0], dfa.legal[dfa.start]):
            return StockMismatch((), flags[0], dfa.legal[dfa.start])
    width = steps.width + 1
    index = RowIndex(-(-4 * width // 8))
    index.add(_packed(codes, states))
    parents, tokens, rows = [np.array([-1])], [np.array([-1])], []
    done = 0
    # States are numbered as they are found, so taking them by number is breadth-first, in symbol order.
    while done < len(index):
        c = len(explored)
        end = min(len(index), done + max(1, steps.batch // c))
        batch = index.rows[done:end].view(np.int32)[:, :width]
        sources = np.repeat(np.arange(done, end), c)
        read = np.tile(explored, end - done)
        next_states = dfa.table[batch[sources - done, -1], read]
        targets = np.full(len(sources), -1, np.int64)
        taken = np.flatnonzero(dfa.live[next_states] | (not predict))
        sources, read, next_states = sources[taken], read[taken], next_states[taken]
        if len(taken):
            codes, logits = steps.step(batch[sources - done, :-1], read)
            legal = dfa.legal[next_states]
            flags = seen.look(logits, legal, dfa.live[next_states])
            wrong = np.flatnonzero((flags != legal).any(axis=1))
            if len(wrong):
                i = wrong[0]
                before = _access(parents, tokens, sources[i])
                return StockMismatch((*before, int(read[i])), flags[i], legal[i])
            targets[taken], fresh = index.add(_packed(codes, next_states))
            parents.append(sources[fresh])
            tokens.append(read[fresh])
        rows.append(targets.reshape(-1, c))
        done = end
        budget.check_states(len(index), _DOING)
        if progress is not None:
            progress(len(index))
    found = index.rows.view(np.int32)[:, :width].copy()
    return StockProduct(
        found[:, :-1],
        found[:, -1],
        np.concatenate(parents),
        np.concatenate(tokens),
        explored,
        np.concatenate(rows),
        seen.margin,
        seen.illegal_mass,
    )


def token_classes(net: Any, dfa: TokenDFA) -> NDArray[np.int64]:
    """Return the least token of each class that model and DFA do not tell apart, PAD left out.

    The model sees a token by its row of the embedding only: tokens with one row, bit for bit, and one column
    of the DFA need to be read once.
    """
    rows = net.get_input_embeddings().weight.detach().contiguous().view(torch.uint8).numpy()
    pad = token_ids(dfa.table.shape[1] - 4).pad
    first: dict[tuple[bytes, bytes], int] = {}
    for token in range(dfa.table.shape[1]):
        if token != pad:
            first.setdefault((rows[token].tobytes(), dfa.table[:, token].tobytes()), token)
    return np.array(sorted(first.values()), np.int64)


class _Seen:
    """Reads legal sets off logits, and remembers how clear they were."""

    def __init__(self) -> None:
        self.margin = float("inf")
        self.illegal_mass = 0.0

    def look(self, logits: torch.Tensor, legal: Flags, live: Flags) -> Flags:
        """Return which tokens the model allows, shape `(m, v)`."""
        self.margin = min(self.margin, float(logits.abs().nan_to_num(0.0).min()))
        chances = torch.softmax(logits.float(), dim=-1).numpy()
        mass = np.where(legal, 0, chances).sum(axis=1)[live]
        if len(mass):
            self.illegal_mass = max(self.illegal_mass, float(np.nan_to_num(mass, nan=1.0).max()))
        return legal_flags(logits)


def legal_flags(logits: torch.Tensor) -> Flags:
    """Return which logits are finite and above 0."""
    flags: Flags = ((logits > 0) & torch.isfinite(logits)).numpy()
    return flags


def _packed(codes: Codes, states: NDArray[np.int32]) -> NDArray[np.uint64]:
    return pack(np.column_stack([codes, states]))


def _access(parents: list[NDArray[np.int64]], tokens: list[NDArray[np.int64]], state: int) -> list[int]:
    parent, token = np.concatenate(parents), np.concatenate(tokens)
    word = []
    while state > 0:
        word.append(int(token[state]))
        state = int(parent[state])
    return word[::-1]

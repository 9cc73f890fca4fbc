"""Proving the model of a program that has too many states to visit, or infinitely many.

An ssm is proved as a whole, at every length: its weights are run on all inputs at once (`symbolic`). Of a
stock Mamba it is shown that each cell has the gates of its definition, on all inputs (`program_gates`), and
that its weights are those of these gates, bit for bit. Either model is also run on every short word and on
long random ones, beside the reference interpreter of programs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from ..errors import BadInput, BudgetExceeded
from ..languages import Language
from ..models.fixed import Reals
from ..models.mamba import Mamba
from ..models.ssm import SSM
from ..models.stock import one_thread, stock_model
from ..models.tokens import token_ids
from ..programs import Program
from ..targets.circuit import Circuit
from ..targets.mamba import lower_program_to_mamba
from ..targets.program_plan import plan_program
from ..targets.program_ssm import meaning_of
from .explore import Progress
from .program_gates import wrong_gates
from .symbolic import flaw

_SHORT = 20_000  # words, of the greatest length with no more
_LONGEST_SHORT = 20  # symbols, reached where there is one symbol only
_BATCH = 2_000  # words run at once

Run = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class ProgramProof:
    """What is known of a model and a program: everything at every length, or up to some.

    Arguments:
        language: the program.
        task: "recognise" or "predict".
        arithmetic: of the model; for a stock Mamba with its horizon.
        every_length: whether the weights were shown to be the program at every length.
        dead_given: whether the program's `dead`, which the model recognises by, was taken at its word: it was
            held against the legal sets on the words run, and not proved.
        cells: how many temporal operators became cells, each compared with its definition.
        short: length up to which every word was run.
        words: how many words of that length there are.
        long_words, long_length: random words that were run.
        horizon: for a stock Mamba, the length up to which its sums are exact.
        seconds: time taken.
    """

    language: Program
    task: str
    arithmetic: str
    every_length: bool
    dead_given: bool
    cells: int
    short: int
    words: int
    long_words: int
    long_length: int
    horizon: int | None
    seconds: float

    proved: ClassVar[Literal[True]] = True

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        return {
            "proved": True,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "every_length": self.every_length,
            "dead_given": self.dead_given,
            "method": "symbolic" if self.every_length else "gates symbolic, weights bit for bit, words",
            "cells": self.cells,
            "short_words": {"up_to": self.short, "number": self.words},
            "long_words": {"length": self.long_length, "number": self.long_words},
            "horizon": self.horizon,
            "seconds": round(self.seconds, 3),
        }

    def certificate(self) -> dict[str, Any]:
        """Raise `BadInput`: certificates contain a DFA."""
        what = f"a certificate for {self.language.spec or 'this program'}"
        why = "the model counts, and a certificate lists the states of one that does not"
        raise BadInput(what, why, "Leave it out, or build the model with --prefer bits.")


@dataclass(frozen=True)
class Disagreement:
    """A prefix after which model and program differ.

    Arguments:
        word: the first one in the order of lengths; or, when `shortest` is False, one of which no symbol can
            be left out.
        model_legal, language_legal: the two legal sets after it.
        shortest: whether every shorter word was run.
    """

    word: tuple[str, ...]
    model_legal: NDArray[np.bool_]
    language_legal: NDArray[np.bool_]
    shortest: bool = True


def prove_program(
    model: SSM | Mamba,
    program: Program,
    *,
    task: str,
    words: int,
    length: int,
    seed: int,
    budget: Budget,
    progress: Progress | None,
) -> ProgramProof | Disagreement:
    """Prove a model equal to a program, or return a word on which they differ.

    Arguments:
        model: an ssm without shift, or a stock Mamba in float32.
        task: "recognise" or "predict".
        words, length, seed: of the long random words.

    Raises:
        BudgetExceeded: when the weights are not those of the construction, and no word was found on which the
            model is wrong: nothing is known then.

    Complexity: see `flaw`; a forward for each word run.
    """
    begun = time.perf_counter()
    run = _ssm_run(model) if isinstance(model, SSM) else _mamba_run(model)
    short, number, found = 0, 1, None
    k = len(program.alphabet)
    while found is None and 0 < number * k <= _SHORT and short < _LONGEST_SHORT:
        short, number = short + 1, number * k
        found = _difference(run, program, task, _all_words(k, short), budget, progress)
    if found is None:
        found = _difference(run, program, task, random_words(program, words, length, seed), budget, progress)
        if found is not None:
            found = _shortened(run, program, task, found, budget)
    if found is not None:
        return found
    circuit = Circuit(program, task, test_layers=int(isinstance(model, Mamba)), budget=budget)
    built: SSM | Mamba = model
    if isinstance(model, SSM):
        wrong = flaw(model, circuit, meaning_of(circuit, model.fraction_bits))
        where = None if wrong is None else wrong.where
    else:  # whose horizon is worked out again: a file can say anything
        built = lower_program_to_mamba(program, task=task, budget=budget)
        where = wrong_gates(circuit, plan_program(circuit)) if built == model else "its weights"
    if where is not None:
        why = f"{where}: not as starfree builds it, and right on all words tried"
        raise BudgetExceeded("proving the model equal to the program", why, "Nothing is known beyond them.")
    return ProgramProof(
        program,
        task,
        built.arithmetic,
        isinstance(model, SSM),
        task == "recognise" and program.dead_given,
        sum(variable.delay > 0 or variable.what is not None for variable in circuit.needed),
        short,
        number,
        words,
        length,
        built.horizon if isinstance(built, Mamba) else None,
        time.perf_counter() - begun,
    )


def _shortened(run: Run, program: Program, task: str, found: Disagreement, budget: Budget) -> Disagreement:
    """Return a difference in a word of which no symbol can be left out, starting from a longer one.

    Complexity: delta debugging: about the length times its logarithm words, as long as what is left.
    """
    size = len(found.word) // 2
    while size:
        word = np.array([program.alphabet.index(symbol) for symbol in found.word])
        starts = range(0, len(word) - size + 1, size)
        without = np.array([np.delete(word, slice(at, at + size)) for at in starts], np.int64)
        shorter = _difference(run, program, task, without, budget, None)
        if shorter is None:
            size //= 2
        else:
            found, size = shorter, min(size, max(1, len(shorter.word) // 2))
    return replace(found, shortest=False)


def random_words(program: Language, number: int, length: int, seed: int) -> NDArray[np.int64]:
    """Return words that follow the legal sets; every second has one random symbol in its second half.

    Returns:
        shape `(number, length)`, indices into the alphabet.
    """
    rng = np.random.default_rng(seed)
    alphabet = program.alphabet
    rows = np.empty((number, length), np.int64)
    for row in rows:
        state = program.start
        for at in range(length):
            legal = program.legal(state)
            choices = [i for i, symbol in enumerate(alphabet) if symbol in legal] or list(
                range(len(alphabet))
            )
            row[at] = choices[int(rng.integers(len(choices)))]
            state = program.step(state, alphabet[row[at]])
    if length > 1:
        for row in rows[1::2]:
            row[int(rng.integers(length // 2, length))] = int(rng.integers(len(alphabet)))
    return rows


def _all_words(k: int, length: int) -> NDArray[np.int64]:
    return np.array(list(product(range(k), repeat=length)), np.int64).reshape(-1, length)


def _difference(
    run: Run,
    program: Program,
    task: str,
    words: NDArray[np.int64],
    budget: Budget,
    progress: Progress | None,
) -> Disagreement | None:
    """Return the first shortest prefix of some words after which the legal sets differ."""
    found: Disagreement | None = None
    for at in range(0, len(words), _BATCH):
        budget.check_time("running words")
        batch = words[at : at + _BATCH]
        said, right = run(batch), program.legal_along(batch)
        wrong = (said != right).any(axis=-1)
        if task == "predict":
            wrong &= right.any(axis=-1)
        if progress is not None:
            progress(at + len(batch))
        if wrong.any():
            length = int(np.flatnonzero(wrong.any(axis=0))[0])
            row = int(np.flatnonzero(wrong[:, length])[0])
            if found is None or length < len(found.word):
                word = tuple(program.alphabet[i] for i in batch[row, :length].tolist())
                found = Disagreement(word, said[row, length], right[row, length])
    return found


def _ssm_run(model: SSM) -> Run:
    from threadpoolctl import threadpool_limits

    def run(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        # The products are small: threads inside BLAS gain nothing here and lose much on a busy machine.
        with threadpool_limits(1, user_api="blas"):
            return along(words)

    def along(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        begun, legal = model.begin()
        states: Reals = np.repeat(begun, len(words), axis=0)
        found = [np.repeat(legal, len(words), axis=0)]
        for column in words.T:
            states, legal = model.step(states, column)
            found.append(legal)
        return np.stack(found, axis=1)

    return run


def _mamba_run(model: Mamba) -> Run:
    import torch

    net = stock_model(model)
    k = len(model.alphabet)
    ids = token_ids(k)

    def run(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        tokens = torch.from_numpy(np.column_stack([np.full(len(words), ids.bos), words]))
        with torch.inference_mode(), one_thread():
            logits = net(input_ids=tokens, use_cache=False).logits
        flags: NDArray[np.bool_] = (logits[..., [*range(k), ids.eos]] > 0).numpy()
        return flags

    return run

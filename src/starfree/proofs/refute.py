"""`refute`: words on which a model is wrong, and pairs of words of which it says the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..budgets import Budget
from ..errors import BadInput, BudgetExceeded
from ..languages import Language, as_language
from ..models.arithmetics import in_arithmetic
from ..models.float_ssm import FloatSSM
from ..models.mamba import Mamba
from ..models.open_model import open_model
from ..models.ssm import SSM
from ..models.steps import legal_set
from ..models.stock import DTYPES
from ..verdicts.rules import task_named
from .decision import Flags, decision_named
from .hard_words import narrowest, nested
from .loops import pumped_loops
from .machine import Machine, Way, check_repeats, machine_of, not_deterministic
from .prove import check_symbols, prove
from .pumping import Pumped, pump
from .reader import Reader
from .refutation import Attempt, Finding, Refutation
from .short_words import short_words
from .trial import Progress, Trial, Word
from .witnesses import LONGEST, witness_against

STRATEGIES = ("short words", "pumping", "hard words")  # the cheapest first
COPIES = 20_000  # of a word that is pumped
REST = 64  # copies after a wrong answer, for the model to come to rest
LONG = 2_000  # symbols of loops and of words that are hard
BEAM = 64
_FEW = 100_000  # pairs of states that short words are searched for, if not told otherwise

LongWords = Callable[[Trial, int], Word | None]
_LONG_WORDS: tuple[tuple[str, str, LongWords], ...] = (
    ("pumping", "loops", lambda trial, most: pumped_loops(trial, most=most)),
    ("hard words", "deep nesting", lambda trial, most: nested(trial, most=most // 2)),
    ("hard words", "beam", lambda trial, most: narrowest(trial, most=most // 4, beam=BEAM)),
)


@dataclass
class _Search:
    """What is tried, what has been found so far, and how to run the model afresh."""

    trial: Trial
    fresh: Callable[[], Machine]
    findings: list[Finding] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def names(self, word: Word) -> tuple[str, ...]:
        return tuple(self.trial.machine.alphabet[symbol] for symbol in word)


def refute(
    model: Any,
    language: Language | str | PathLike[str],
    *,
    task: str | None = None,
    decision: str | None = None,
    dtype: str | None = None,
    arithmetic: str | None = None,
    copies: int = COPIES,
    rest: int = REST,
    strategies: Sequence[str] = STRATEGIES,
    length: int = LONG,
    max_states: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Refutation:
    """Search for words on which a model is wrong, and for two on which it and the language must part.

    Three strategies, the cheapest first: every short word, breadth-first; a word that the language counts,
    read again and again, and, where that shows nothing, loops from its states; long words that are hard. What
    is found is run once more, from the beginning.

    Arguments:
        model: a saved model's directory, an opened model, a `torch.nn.Module` (see `machine_of`), or anything
            with the methods of a `Machine`.
        language: over symbols of the model.
        task: "recognise" or "predict"; the model's own when None, and recognise where it has none.
        decision: how logits are read: see `decision_named`.
        dtype: of a stock checkpoint: "float32" (default), "bfloat16" or "float16".
        arithmetic: of an ssm, instead of its own: as of `prove`.
        copies: most copies of a word that is read again and again.
        rest: copies that are read on after a wrong answer, to see whether the model comes to rest.
        strategies: which of the three are tried, in their own order.
        length: of loops and of the hard words.
        max_states: most pairs of states (default 100,000) among the short words; timeout: in seconds.
        progress: told the strategy and how far it is.

    Returns:
        a `Refutation`, which may have found nothing.

    Raises:
        BadInput: for a model without a step function, one that is not deterministic, or that lacks symbols.
        MissingDependency: when a network cannot be run.

    Complexity: `max_states k` steps of the model, and `copies` and `length` steps of a few more.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024, for the pair.

    >>> import starfree
    >>> found = refute(starfree.build("(ab)*"), "(ab)*a?")
    >>> found.findings[0].words
    (('a',),)
    """
    opened = open_model(model) if isinstance(model, str | Path) else model
    if arithmetic is not None:
        opened = _in_arithmetic(opened, arithmetic)
    budget = Budget.of(_FEW if max_states is None else max_states, timeout=timeout)
    language = as_language(language, timeout=timeout)
    make = partial(machine_of, opened, language.alphabet, dtype)
    machine = make()
    check_symbols(language, machine.alphabet)
    check_repeats(machine)
    for name in (strategies := [strategies] if isinstance(strategies, str) else strategies):
        if name not in STRATEGIES:
            raise BadInput(f"strategy {name}", "there is no such strategy", f"Use {', '.join(STRATEGIES)}.")
    task = task_named(getattr(opened, "task", "recognise") if task is None else task)
    rule = decision_named(decision, opened, len(machine.alphabet))
    reader = Reader(language, machine.alphabet)
    search = _Search(Trial(machine, reader, rule, task == "predict", budget, progress), make)
    closed = "short words" in strategies and _short(search)
    witness, guaranteed, because = witness_against(opened, language, machine.alphabet, budget)
    proved = closed and machine.path == "recurrent" and _stands(opened, language, task, dtype, budget)
    if proved:
        guaranteed, because = False, "the model is equal to the language"
    if not closed:
        if witness is not None and "pumping" in strategies:
            _pump(search, witness, copies, rest)
        for strategy, name, words in _LONG_WORDS:
            if strategy in strategies and not search.findings:
                _long(search, name, words, length)
    return Refutation(
        language,
        task,
        str(rule),
        machine.arithmetic,
        machine.alphabet,
        guaranteed,
        because,
        tuple(search.findings),
        tuple(search.attempts),
        proved,
    )


def _stands(model: Any, language: Language, task: str, dtype: str | None, budget: Budget) -> bool:
    """Say whether that all short words are right proves anything about one sequence by itself.

    Libraries add in another order in a batch. For a stock model, of which sums may be inexact, `prove` knows.
    """
    if isinstance(model, FloatSSM):
        return False
    if not isinstance(model, Mamba):
        return True
    try:
        proof = prove(
            model, language, task=task, dtype=dtype, max_states=budget.max_states, timeout=budget.left()
        )
    except BudgetExceeded:
        return False
    return proof.proved and getattr(proof, "alone", False)


def _in_arithmetic(model: Any, arithmetic: str) -> Any:
    if not isinstance(model, SSM):
        what, why = f"arithmetic {arithmetic!r}", "is for an ssm; other models run in a dtype of torch"
        raise BadInput(what, why, f"Use dtype: {', '.join(DTYPES)}.")
    return in_arithmetic(model, arithmetic)


def _short(search: _Search) -> bool:
    """Run every short word; return whether nothing is left to run."""
    begun = time.perf_counter()
    found = short_words(search.trial)
    confirmed = found.word is not None and _confirm(search, "short words", found.word)
    if confirmed:
        outcome = f"wrong after {len(found.word or ())} symbols"
    elif found.word is not None:
        outcome = f"wrong after {len(found.word)} symbols in a batch, and right alone"
    elif found.closed:
        outcome = f"closed: all {found.words:,} words of new states are right"
    else:
        outcome = f"right up to length {found.length}, {found.words:,} words"
    search.attempts.append(Attempt("short words", time.perf_counter() - begun, outcome))
    return found.closed


def _pump(search: _Search, witness: tuple[Word, Word, Word], most: int, rest: int) -> None:
    begun = time.perf_counter()
    u, v, w = witness
    copies = max(1, min(most, LONGEST // max(1, len(v))))
    found = pump(search.trial, u, v, w, most=copies, rest=rest)
    outcome = f"{found.read:,} copies"
    if found.wrong is not None and not any(each.kind == "word" for each in search.findings):
        _confirm(search, "pumping", found.wrong)
    if found.copies is not None and _confirm_pair(search, u, v, w, found):
        outcome += (
            f", the model says the same for m = {found.copies:,} and {found.copies + 1:,} ({found.stop})"
        )
    elif found.wrong is not None:
        outcome += f", wrong after {len(found.wrong):,} symbols"
    else:
        outcome += ", all right"
    search.attempts.append(Attempt("pumping", time.perf_counter() - begun, outcome))


def _long(search: _Search, strategy: str, words: LongWords, most: int) -> None:
    begun = time.perf_counter()
    word = words(search.trial, most)
    confirmed = word is not None and _confirm(search, strategy, word)
    outcome = f"wrong after {len(word or ()):,} symbols" if confirmed else "all right"
    if not confirmed and search.trial.out_of_time:
        outcome = "stopped by the time limit"
    search.attempts.append(Attempt(strategy, time.perf_counter() - begun, outcome))


def _confirm(search: _Search, strategy: str, word: Word) -> bool:
    """Run a word from the beginning, alone, on every path; keep it if one of them is wrong."""
    state, said = _alone(search, search.fresh(), word)
    if _alone(search, search.fresh(), word)[0] != state:
        raise not_deterministic()
    legal = _legal(search, word)
    wrong = [path for path, flags in said.items() if (flags != legal).any()]
    if not wrong:
        return False
    differ = len({flags.tobytes() for flags in said.values()}) > 1
    names = search.trial.machine.alphabet
    search.findings.append(
        Finding(
            "paths" if differ else "word",
            strategy,
            (search.names(word),),
            (legal_set(names, said[wrong[0]]),),
            (legal_set(names, legal),),
            "both" if len(wrong) == 2 else wrong[0],
        )
    )
    return True


def _confirm_pair(search: _Search, u: Word, v: Word, w: Word, found: Pumped) -> bool:
    """Run both words of a pair from the beginning; keep it if the model says the same and is once wrong."""
    assert found.copies is not None
    words = [(*u, *v * copies, *w) for copies in (found.copies, found.copies + 1)]
    machine = search.fresh()
    (one, said), (other, again) = (_alone(search, machine, word) for word in words)
    legal = [_legal(search, word) for word in words]
    same = [path for path in said if not (said[path] != again[path]).any()]
    asked = not search.trial.predict or all(flags.any() for flags in legal)
    if not asked or machine.path not in same or not (legal[0] != legal[1]).any():
        return False
    names = search.trial.machine.alphabet
    search.findings.append(
        Finding(
            "pair",
            "pumping",
            tuple(map(search.names, words)),
            (legal_set(names, said[machine.path]), legal_set(names, again[machine.path])),
            tuple(legal_set(names, flags) for flags in legal),
            "both" if len(same) == 2 else machine.path,
            (search.names(u), search.names(v), search.names(w), found.copies),
            machine.path == "recurrent" and one == other,
            found.stop,
        )
    )
    return True


def _alone(search: _Search, machine: Machine, word: Word) -> tuple[bytes, dict[Way, Flags]]:
    """Return the state after a word that is run by itself, as bytes, and what is said on each path."""
    states, logits = machine.begin()
    for symbol in word:
        states, logits = machine.step(states, np.array([symbol]))
    said = {machine.path: search.trial.decision.read(logits)[0][0]}
    whole = machine.whole(np.array([word], np.int64).reshape(1, len(word)))
    if whole is not None and machine.path == "recurrent":
        said["parallel"] = search.trial.decision.read(whole)[0][0]
    return states.tobytes(), said


def _legal(search: _Search, word: Word) -> Flags:
    """Return the legal set of the language after a word."""
    legal: Flags = search.trial.reader.legal(search.trial.reader.run(np.array(word, np.int64))[-1:])[0]
    return legal

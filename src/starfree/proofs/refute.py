"""`refute`: words on which a model is wrong, and pairs of words of which it says the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..algebra.aperiodic import Pumping, aperiodicity, pumping_with_odd_period
from ..algebra.words import StraightLine, length, spelled
from ..budgets import Budget
from ..errors import BadInput, BudgetExceeded, NotRegular
from ..languages import Language, LegalSet, as_language, dfa_of, format_word
from ..languages.language import legal_to_json
from ..models.arithmetics import Rounded, in_arithmetic
from ..models.arithmetics.wrapping import Wrapping
from ..models.float_ssm import FloatSSM
from ..models.mamba import Mamba
from ..models.open_model import open_model
from ..models.ssm import SSM
from ..models.steps import legal_set
from ..models.stock import DTYPES
from ..verdicts.rules import task_named
from .decision import Flags, decision_named
from .hard_words import narrowest, nested, repeated
from .machine import Machine, Way, check_repeats, machine_of, not_deterministic
from .prove import check_symbols, prove
from .pumping import Pumped, Stop, pump
from .reader import Reader
from .short_words import short_words
from .trial import Progress, Trial, Word

STRATEGIES = ("short words", "pumping", "hard words")  # the cheapest first
COPIES = 20_000  # of a word that is pumped
REST = 64  # copies after a wrong answer, for the model to come to rest
LONG = 2_000  # symbols of words that are hard
BEAM = 64
_LONGEST = 200_000  # symbols of a word that is pumped
_STATES = 100_000  # of an automaton that is looked at for words that go round
_FEW = 100_000  # pairs of states that short words are searched for, if not told otherwise


@dataclass(frozen=True)
class Finding:
    """A word, or two, on which a model is wrong, run once more from the beginning.

    Arguments:
        kind: "word", the legal set after it is wrong; "pair", the model says the same after both and the
            language does not; "paths", the two ways of running the model say different things after it.
        strategy: how it was found.
        words: one word, or the two of a pair.
        model_legal, language_legal: after each word.
        path: on which way of running the model it is wrong: "recurrent", "parallel" or "both".
        pumped: of a pair, u, v, w and m of the words u v^m w and u v^(m+1) w.
        equal_states: of a pair, whether the model is in the same state after both, bit for bit: then no
            continuation tells them apart.
        stop: of a pair, why the model says the same.
    """

    kind: Literal["word", "pair", "paths"]
    strategy: str
    words: tuple[tuple[str, ...], ...]
    model_legal: tuple[LegalSet, ...]
    language_legal: tuple[LegalSet, ...]
    path: Way | Literal["both"]
    pumped: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int] | None = None
    equal_states: bool = False
    stop: Stop | None = None


@dataclass(frozen=True)
class Attempt:
    """One strategy: what it did, and how long it took."""

    strategy: str
    seconds: float
    outcome: str


@dataclass(frozen=True, eq=False)
class Refutation:
    """What was found against a model.

    Arguments:
        language: that the model should be.
        task: "recognise" or "predict".
        decision: the rule by which logits were read.
        arithmetic: of the model.
        alphabet: of the model.
        guaranteed: whether a theorem says that a pair exists for every model of this kind.
        because: the theorem, or why there is none, in words.
        findings: what was found, each checked afresh.
        attempts: what was tried, in order.
        proved: whether every pair of states was seen, so that there is nothing to find.
    """

    language: Language
    task: str
    decision: str
    arithmetic: str
    alphabet: tuple[str, ...]
    guaranteed: bool
    because: str
    findings: tuple[Finding, ...]
    attempts: tuple[Attempt, ...]
    proved: bool

    @property
    def refuted(self) -> bool:
        """Whether anything was found."""
        return bool(self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree refute --json` prints."""
        return {
            "refuted": self.refuted,
            "proved": self.proved,
            "language": self.language.spec,
            "task": self.task,
            "decision": self.decision,
            "arithmetic": self.arithmetic,
            "guaranteed": self.guaranteed,
            "because": self.because,
            "findings": [self._document(each) for each in self.findings],
            "attempts": [
                {"strategy": each.strategy, "seconds": round(each.seconds, 3), "outcome": each.outcome}
                for each in self.attempts
            ],
        }

    def _document(self, found: Finding) -> dict[str, Any]:
        document: dict[str, Any] = {
            "kind": found.kind,
            "strategy": found.strategy,
            "path": found.path,
            "words": [format_word(word, self.alphabet) for word in found.words],
            "model_legal": [legal_to_json(each, self.alphabet) for each in found.model_legal],
            "language_legal": [legal_to_json(each, self.alphabet) for each in found.language_legal],
        }
        if found.pumped is not None:
            u, v, w, copies = found.pumped
            parts = {
                name: format_word(word, self.alphabet) for name, word in zip("uvw", (u, v, w), strict=True)
            }
            document |= {**parts, "copies": [copies, copies + 1]}
            document |= {"equal_states": found.equal_states, "stop": found.stop}
        return document


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
    read again and again; long words that are hard. What is found is run once more, from the beginning.

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
        length: of the hard words.
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
        if not search.findings and "hard words" in strategies:
            _hard(search, length)
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
    elif found.closed:
        outcome = f"closed: all {found.words:,} words of new states are right"
    else:
        outcome = f"right up to length {found.length}, {found.words:,} words"
    search.attempts.append(Attempt("short words", time.perf_counter() - begun, outcome))
    return found.closed


def _pump(search: _Search, witness: tuple[Word, Word, Word], most: int, rest: int) -> None:
    begun = time.perf_counter()
    u, v, w = witness
    copies = max(1, min(most, _LONGEST // max(1, len(v))))
    found = pump(search.trial, u, v, w, most=copies, rest=rest)
    outcome = f"{found.read:,} copies"
    if found.wrong is not None and not any(each.kind == "word" for each in search.findings):
        _confirm(search, "pumping", found.wrong)
    if found.copies is not None and _confirm_pair(search, u, v, w, found):
        outcome += f", and the model cannot tell {found.copies:,} from {found.copies + 1:,} ({found.stop})"
    elif found.wrong is not None:
        outcome += f", wrong after {len(found.wrong):,} symbols"
    else:
        outcome += ", all right"
    search.attempts.append(Attempt("pumping", time.perf_counter() - begun, outcome))


def _hard(search: _Search, most: int) -> None:
    """Try long words of three kinds, until one is wrong."""
    kinds: tuple[tuple[str, Callable[[], Word | None]], ...] = (
        ("long holds", lambda: repeated(search.trial, most=most)),
        ("deep nesting", lambda: nested(search.trial, most=most // 2)),
        ("beam", lambda: narrowest(search.trial, most=most // 4, beam=BEAM)),
    )
    for strategy, tried in kinds:
        begun = time.perf_counter()
        word = tried()
        confirmed = word is not None and _confirm(search, strategy, word)
        outcome = f"wrong after {len(word or ()):,} symbols" if confirmed else "all right"
        if not confirmed and search.trial.out_of_time:
            outcome = "stopped by the time limit"
        search.attempts.append(Attempt(strategy, time.perf_counter() - begun, outcome))
        if confirmed:
            return


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


def witness_against(
    model: Any, language: Language, alphabet: tuple[str, ...], budget: Budget
) -> tuple[tuple[Word, Word, Word] | None, bool, str]:
    """Return words u, v, w that the language counts, whether a theorem says that a pair exists, and why.

    Arguments:
        model: as opened.
        alphabet: of the model; the words are indices into it.

    Complexity: that of `aperiodicity`.
    """
    kind, layers = _gates(model)
    try:
        dfa = dfa_of(language, budget=replace(budget, max_states=_STATES))
        found = aperiodicity(dfa, budget=budget)
        odd = pumping_with_odd_period(dfa, budget=budget) if kind == "signed" else None
    except NotRegular:
        return None, False, "the language is not regular: no word need go round with it"
    except BudgetExceeded:
        return None, False, "a budget ran out before a word was found that the language counts"
    if not isinstance(found, Pumping):
        why = "the language is star-free: these models can express it, and no pair need exist"
        return None, False, why
    best = odd or found
    if length(best.v) > _LONGEST:
        return None, False, "the word that the language counts is too long to be read"
    v = spelled(best.v) if isinstance(best.v, StraightLine) else best.v
    reader = Reader(dfa, alphabet)
    place = {symbol: i for i, symbol in enumerate(alphabet)}
    u, v, w = (tuple(place[dfa.alphabet[symbol]] for symbol in word) for word in (best.u, v, best.w))
    w = _parting(reader, u, v, w, best.period)
    if odd:
        v *= 2**layers
    witness = (u, v, w)
    because = {
        "nonnegative": "no model with gates in [0, 1] expresses a language that is not star-free",
        "signed": f"gates in [-1, 1] come to rest on v^{2**layers}; the language counts v mod {best.period}",
        "free": "no theorem about such models says that a pair exists",
    }
    if kind == "signed" and odd is None:
        return witness, False, "all groups of the language are 2-groups, which enough signed layers express"
    return witness, kind != "free", because[kind]


def _parting(reader: Reader, u: Word, v: Word, w: Word, period: int) -> Word:
    """Return the shortest beginning of w after which two neighbours on the cycle have other legal sets.

    Where they differ first, both are still prefixes of words: a symbol that only one can read is legal in one
    only.
    """
    states = [reader.run(np.array([*u, *v * n], np.int64))[-1:] for n in range(period + 1)]
    for read in range(len(w) + 1):
        legal = [reader.legal(state).tobytes() for state in states]
        if any(one != other for one, other in pairwise(legal)):
            return w[:read]
        states = [reader.step(state, np.array([symbol])) for state in states for symbol in w[read : read + 1]]
    raise AssertionError("w tells two of the states apart")


def _gates(model: Any) -> tuple[Literal["nonnegative", "signed", "free"], int]:
    """Return which theorem is about a model, and its number of layers."""
    if isinstance(model, SSM | Rounded):
        if isinstance(model, Rounded) and isinstance(model.numbers, Wrapping):
            return "free", 1  # integers that wrap around are not monotone
        gates = (model if isinstance(model, SSM) else model.model).gates
        if gates == "nonnegative":
            return "nonnegative", 1
        return ("signed" if gates == "signed" else "free"), len(model.layers)
    if isinstance(model, Mamba):
        return "nonnegative", model.layers
    name = getattr(model, "name", "")
    if name in ("mamba-signed", "mamba2-signed"):
        return "signed", model.layers
    return ("nonnegative" if name in ("mamba", "mamba2") else "free"), 1

"""What `refute` found: words, pairs of words, and what was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..languages import Language, LegalSet, format_word
from ..languages.language import legal_to_json
from .machine import Way
from .pumping import Stop


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

    @property
    def wrong(self) -> tuple[tuple[str, ...], ...]:
        """The words after which the model is wrong: of a pair, one or both."""
        answers = zip(self.words, self.model_legal, self.language_legal, strict=True)
        return tuple(word for word, said, legal in answers if said != legal)


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

"""`prove`: the model is the language at every length, or a shortest word where it is not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..budgets import Budget
from ..errors import BadInput
from ..languages import END, Language, LegalSet, format_word, load
from ..models.open_model import open_model
from ..models.ssm import SSM, WEIGHTS, legal_set
from .explore import Mismatch, Product, Progress, explore

PROOF_FORMAT = "starfree-proof-1"


@dataclass(frozen=True, eq=False)
class Proof:
    """A closed product: the model's legal sets are the language's at every length.

    Arguments:
        language: the language proved.
        task: "recognise" or "predict".
        arithmetic: the arithmetic of the model's recurrence.
        product: all reachable pairs of model state and DFA state.
        seconds: time taken.
    """

    language: Language
    task: str
    arithmetic: str
    product: Product
    seconds: float

    proved = True

    @property
    def size(self) -> int:
        """Number of product states."""
        return len(self.product)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        return {
            "proved": True,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "product_states": self.size,
            "transitions": int((self.product.successors >= 0).sum()),
            "seconds": round(self.seconds, 3),
        }

    def certificate(self) -> dict[str, Any]:
        """Return the proof certificate of docs/certificates.md; checking it runs the weights beside it."""
        product, dfa = self.product, self.language.dfa
        names = product.alphabet
        return {
            "format": PROOF_FORMAT,
            "language": {
                "spec": self.language.definition,
                "alphabet": list(dfa.alphabet),
                "dfa": {
                    "start": dfa.start,
                    "accepting": [i for i, flag in enumerate(dfa.accepting.tolist()) if flag],
                    "table": dfa.table.tolist(),
                },
            },
            "task": self.task,
            "arithmetic": self.arithmetic,
            "claim": "equal",
            "model": WEIGHTS,
            "evidence": {
                "kind": "product",
                "states": [None if q == dfa.states else q for q in product.states.tolist()],
                "access": [
                    None if parent < 0 else [parent, names[symbol]]
                    for parent, symbol in zip(product.parent.tolist(), product.symbol.tolist(), strict=True)
                ],
                "successors": [[None if t < 0 else t for t in row] for row in product.successors.tolist()],
            },
        }


@dataclass(frozen=True, eq=False)
class Difference:
    """A shortest word after which model and language disagree, and what each says.

    Arguments:
        word: the word, first in symbol order among the shortest.
        model_legal, language_legal: the two legal sets.
    """

    language: Language
    task: str
    arithmetic: str
    word: tuple[str, ...]
    model_legal: LegalSet
    language_legal: LegalSet
    model_alphabet: tuple[str, ...]

    proved = False

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        return {
            "proved": False,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "word": format_word(self.word, self.model_alphabet),
            "model_legal": self._marks(self.model_legal),
            "language_legal": self._marks(self.language_legal),
        }

    def _marks(self, legal: LegalSet) -> dict[str, Any]:
        return {"symbols": [s for s in self.model_alphabet if s in legal], "end": END in legal}


def prove(
    model: SSM | str | Path,
    language: Language | str,
    *,
    task: str | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Proof | Difference:
    """Decide whether a model is a language at every length.

    Arguments:
        model: a built model, or the directory of one.
        language: a regular language over symbols of the model; the model's other symbols must be never legal
            and lead to a dead prefix.
        task: "recognise" or "predict"; the model's own if not given.
        max_states: most product states (default 10^6); timeout: in seconds.

    Returns:
        a `Proof`, or the `Difference` with a shortest word.

    Raises:
        BadInput: when the model lacks a symbol of the language.
        BudgetExceeded: when a budget runs out; nothing is known then.

    Complexity: see `explore`.

    >>> import starfree
    >>> prove(starfree.build("(ab)*"), "(ab)*").proved
    True
    >>> prove(starfree.build("(ab)*"), "(ab)*a?").word
    ('a',)
    """
    budget = Budget.of(max_states=max_states, timeout=timeout)
    if not isinstance(model, SSM):
        model = open_model(model)
    if isinstance(language, str):
        language = load(language, max_states=max_states, timeout=timeout)
    missing = [symbol for symbol in language.alphabet if symbol not in model.alphabet]
    if missing:
        what, why = f"the symbol {missing[0]!r} of the language", "the model does not know it"
        raise BadInput(what, why, f"Use a language over {' '.join(model.alphabet)}.")
    task = model.task if task is None else task
    begun = time.perf_counter()
    found = explore(model, language.dfa, task=task, budget=budget, progress=progress)
    if isinstance(found, Mismatch):
        legal = [legal_set(model.alphabet, flags) for flags in (found.model_legal, found.language_legal)]
        return Difference(language, task, model.arithmetic, found.word, legal[0], legal[1], model.alphabet)
    return Proof(language, task, model.arithmetic, found, time.perf_counter() - begun)

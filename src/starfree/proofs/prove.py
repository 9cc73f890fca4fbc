"""`prove`: the model is the language at every length, or a shortest word where it is not."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ..budgets import Budget
from ..cascades.counted import counted
from ..errors import BadInput
from ..languages import Language, LegalSet, as_language, dfa_of, format_word
from ..languages.json_format import table_to_json
from ..languages.language import legal_to_json
from ..languages.machine import explored
from ..models.arithmetics import Rounded, in_arithmetic
from ..models.float_ssm import FloatSSM
from ..models.mamba import Mamba
from ..models.open_model import open_model, open_provable, unprovable
from ..models.permutation import PermutationSSM
from ..models.saved import WEIGHTS
from ..models.ssm import SSM
from ..models.steps import legal_set
from ..models.stock import DTYPES, libraries
from ..programs import Program
from ..verdicts.rules import task_named
from .explore import Mismatch, Product, Progress, explore
from .search import search

if TYPE_CHECKING:
    from .prove_program import ProgramProof
    from .prove_rounded import RoundedProof
    from .prove_stock import StockDifference, StockProof

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
        own: whether the arithmetic is the model's own, which its `config.json` names.
    """

    language: Language
    task: str
    arithmetic: str
    product: Product
    seconds: float
    own: bool = True

    proved: ClassVar[Literal[True]] = True

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
        """Return the proof certificate of docs/certificates.md; checking it runs the weights beside it.

        Raises:
            BadInput: for a proof in another arithmetic than the model's own, which a check would run.
        """
        if not self.own:
            why = f"is of a proof in {self.arithmetic}, and a check runs the model in its own arithmetic"
            raise BadInput("the certificate", why, "Leave it out, or leave the arithmetic out.")
        product, dfa = self.product, self.language.dfa
        names = product.alphabet
        return {
            "format": PROOF_FORMAT,
            "language": {
                "spec": self.language.definition,
                "alphabet": list(dfa.alphabet),
                "dfa": table_to_json(dfa),
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
        shortest: whether every shorter word was tried; if not, no symbol of the word can be left out, which
            happens for programs that count.
    """

    language: Language
    task: str
    arithmetic: str
    word: tuple[str, ...]
    model_legal: LegalSet
    language_legal: LegalSet
    model_alphabet: tuple[str, ...]
    shortest: bool = True

    proved: ClassVar[Literal[False]] = False

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        return {
            "proved": False,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "word": format_word(self.word, self.model_alphabet),
            "shortest": self.shortest,
            "model_legal": legal_to_json(self.model_legal, self.model_alphabet),
            "language_legal": legal_to_json(self.language_legal, self.model_alphabet),
        }


def prove(
    model: SSM | FloatSSM | PermutationSSM | Mamba | str | Path,
    language: Language | str | PathLike[str],
    *,
    task: str | None = None,
    dtype: str | None = None,
    arithmetic: str | None = None,
    words: int = 4,
    length: int = 1000,
    seed: int = 20240517,
    single: bool = False,
    grid: float | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Proof | Difference | StockProof | StockDifference | ProgramProof | RoundedProof:
    """Decide whether a model is a language at every length.

    A program that counts is proved as `prove_program` says, without visiting states.
    A stock model is run through the unchanged classes of `transformers`, token by token; then `words` long
    words of `length` tokens, drawn with `seed`, go through its full forward as well.

    Arguments:
        model: a built model, or the directory of one.
        language: a regular language over symbols of the model; the model's other symbols must be never legal
            and lead to a dead prefix.
        task: "recognise" or "predict"; the model's own if not given.
        dtype: of a stock model: "float32" (default), "bfloat16" or "float16".
        arithmetic: of an ssm, instead of its own: "exact", "fixed:P", "float32", "bfloat16", "float16" or
            "int8wrap"; see docs/precision.md.
        single: run each row of a stock model alone, as one sequence is generated: slow, and needed only where
            sums are not exact (`StockProof.alone` is False), for weights that starfree did not write.
        grid: for a trained network: prove it with its recurrent state rounded to multiples of this power of
            two after every step.
        max_states: most product states (default 10^6); timeout: in seconds.

    Returns:
        a `Proof`, `StockProof`, `ProgramProof` or `RoundedProof`; or the `Difference` or `StockDifference`,
        with a shortest word.

    Raises:
        BadInput: when the model lacks a symbol of the language, or a dtype is given for an ssm, or an
            arithmetic for another model; or the model runs in floating point and has a horizon.
        MissingDependency: when a stock model cannot be run.
        BudgetExceeded: when a budget runs out; nothing is known then.

    Complexity: see `explore` and `explore_stock`.

    >>> import starfree
    >>> prove(starfree.build("(ab)*"), "(ab)*").proved
    True
    >>> prove(starfree.build("(ab)*"), "(ab)*a?").word
    ('a',)
    >>> prove(starfree.build("(ab)*"), "(ab)*", arithmetic="bfloat16").word
    ('a', 'a')
    """
    budget = Budget.of(max_states=max_states, timeout=timeout)
    if grid is not None:
        if arithmetic is not None or dtype is not None or single:
            why = "is proved in the model's own arithmetic"
            raise BadInput("a rounded network", why, "Leave out arithmetic, dtype and single.")
        return _prove_rounded(model, language, grid, task, budget, progress)
    if isinstance(model, FloatSSM):
        raise unprovable(model)
    directory = None if isinstance(model, (SSM, PermutationSSM, Mamba)) else Path(model)
    if not isinstance(model, (SSM, PermutationSSM, Mamba)):
        model = open_provable(model)
    language = as_language(language, max_states=max_states, timeout=timeout)
    check_symbols(language, model.alphabet)
    task = task_named(model.task if task is None else task)
    stepped, named = _stepped(model, arithmetic), model.arithmetic
    program = None
    if not isinstance(model, PermutationSSM) and not (isinstance(model, SSM) and model.grouped):
        program = _program(model, language, budget)  # proofs by cells do not speak of gates that turn a state
    if isinstance(stepped, Rounded) and program is not None:
        _same_symbols(stepped, program)
        from .unrounded import unrounded_until

        if unrounded_until(stepped, program, task=task, budget=budget) == math.inf:
            proof = prove(model, program, task=task, words=words, length=length, seed=seed, timeout=timeout)
            return replace(proof, arithmetic=stepped.arithmetic)
        found = search(stepped, program, task=task, budget=budget, progress=progress)
        if found.difference is not None:
            return _difference(stepped, language, task, found.difference)
        if found.stopped is not None:
            raise found.stopped
        program = None  # both have finitely many states, and so the language an automaton
    if program is not None:
        assert isinstance(stepped, SSM | Mamba)
        return _prove_program(
            stepped,
            program,
            task=task,
            dtype=dtype,
            single=single,
            words=words,
            length=length,
            seed=seed,
            budget=budget,
            progress=progress,
        )
    dfa = dfa_of(language, budget=budget)
    if isinstance(stepped, Mamba):
        libraries()  # says what to install
        from .prove_stock import prove_stock, weights_digest

        return prove_stock(
            stepped,
            language,
            task=task,
            dtype=DTYPES[0] if dtype is None else dtype,
            digest=None if directory is None else weights_digest(directory),
            words=words,
            length=length,
            seed=seed,
            single=single,
            budget=budget,
            progress=progress,
        )
    _own_arithmetic(stepped, dtype, single)
    begun = time.perf_counter()
    explored_product = explore(stepped, dfa, task=task, budget=budget, progress=progress)
    if isinstance(explored_product, Mismatch):
        return _difference(stepped, language, task, explored_product)
    seconds, own = time.perf_counter() - begun, stepped.arithmetic == named
    return Proof(language, task, stepped.arithmetic, explored_product, seconds, own)


def check_symbols(language: Language, alphabet: tuple[str, ...]) -> None:
    """Raise `BadInput` when a model does not know a symbol of a language."""
    missing = [symbol for symbol in language.alphabet if symbol not in alphabet]
    if missing:
        what, why = f"the symbol {missing[0]!r} of the language", "the model does not know it"
        raise BadInput(what, why, f"Use a language over {' '.join(alphabet)}.")


def _prove_rounded(
    model: Any,
    language: Language | str | PathLike[str],
    grid: float,
    task: str | None,
    budget: Budget,
    progress: Progress | None,
) -> RoundedProof | Difference:
    from .prove_rounded import prove_rounded

    opened = open_model(model) if isinstance(model, str | Path) else model
    chosen = as_language(language, max_states=budget.max_states, timeout=budget.left())
    check_symbols(chosen, opened.alphabet)
    task = task_named(opened.task if task is None else task)
    told = None if progress is None else lambda strategy, done: progress(done)
    return prove_rounded(opened, chosen, grid, task=task, budget=budget, progress=told)


def _stepped(
    model: SSM | PermutationSSM | Mamba, arithmetic: str | None
) -> SSM | PermutationSSM | Mamba | Rounded:
    """Return the model in the arithmetic asked for."""
    if arithmetic is None:
        return model
    if isinstance(model, Mamba):
        what, why = f"arithmetic {arithmetic!r}", "is for an ssm; a stock model runs in a dtype of torch"
        raise BadInput(what, why, f"Use dtype: {', '.join(DTYPES)}.")
    if isinstance(model, PermutationSSM):
        why = "is for an ssm; a model that permutes holds 0 and 1 in every arithmetic"
        raise BadInput(f"arithmetic {arithmetic!r}", why, "Leave it out.")
    return in_arithmetic(model, arithmetic)


def _difference(
    model: SSM | PermutationSSM | Mamba | Rounded,
    language: Language,
    task: str,
    found: Mismatch,
    *,
    shortest: bool = True,
) -> Difference:
    legal = [legal_set(model.alphabet, flags) for flags in (found.model_legal, found.language_legal)]
    about = (language, task, model.arithmetic, found.word, legal[0], legal[1], model.alphabet)
    return Difference(*about, shortest)


def _same_symbols(model: SSM | Mamba | Rounded, program: Program) -> None:
    if model.alphabet != program.alphabet:
        why = f"has other symbols than the model, {' '.join(model.alphabet)}"
        raise BadInput(program.spec or "the program", why, "Build the model from the program.")


def _own_arithmetic(model: SSM | PermutationSSM | Rounded, dtype: str | None, single: bool) -> None:
    """Refuse what is a choice for stock models only."""
    if dtype is not None or single:
        what = f"dtype {dtype!r}" if dtype is not None else "single rows"
        why = f"an ssm is proved in its own arithmetic, {model.arithmetic}, or in one that is named"
        raise BadInput(what, why, "Leave it out, or use arithmetic.")


def _program(model: SSM | Mamba, language: Language, budget: Budget) -> Program | None:
    """Return the program by which a model is proved, when its states are too many to visit."""
    if isinstance(language, Program) and language.kind != "regular":
        return language
    if model.origin.get("cascade") != "counter":
        return None
    dfa = dfa_of(language, budget=budget)
    program = counted(dfa, budget=budget)
    return program if program is not None and explored(program, budget=budget) == dfa else None


def _prove_program(
    model: SSM | Mamba,
    program: Program,
    *,
    task: str,
    dtype: str | None,
    single: bool,
    words: int,
    length: int,
    seed: int,
    budget: Budget,
    progress: Progress | None,
) -> ProgramProof | Difference:
    from .prove_program import Disagreement, prove_program

    if isinstance(model, SSM):
        _own_arithmetic(model, dtype, single)
    elif dtype not in (None, DTYPES[0]) or single:
        what = "single rows" if single else f"dtype {dtype!r}"
        raise BadInput(what, "a stock model that counts is proved in float32, in batches", "Leave it out.")
    _same_symbols(model, program)
    found = prove_program(
        model, program, task=task, words=words, length=length, seed=seed, budget=budget, progress=progress
    )
    if isinstance(found, Disagreement):
        mismatch = Mismatch(found.word, found.model_legal, found.language_legal)
        return _difference(model, program, task, mismatch, shortest=found.shortest)
    return found

"""Proving a running stock model: what is shown, in a dtype, and what is said of it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from ..budgets import Budget
from ..errors import BadInput
from ..languages import Language, LegalSet, format_word
from ..languages.json_format import table_to_json
from ..languages.language import legal_to_json
from ..models.mamba import Mamba
from ..models.saved import WEIGHTS
from ..models.stock import legal_set, libraries, one_thread, stock_model
from ..models.tokens import token_ids
from .explore import Progress
from .explore_stock import Flags, StockMismatch, StockProduct, TokenDFA, explore_stock, token_classes
from .stock_paths import Parallel, compare_paths, same_alone
from .stock_steps import StockSteps

_ALONE = 32  # transitions that are run again, one by one


@dataclass(frozen=True, eq=False)
class StockProof:
    """A closed product: the legal sets of the running stock model are the language's at every length.

    Arguments:
        language: the language proved.
        task: "recognise" or "predict".
        arithmetic: the dtype.
        product: all reachable pairs of a cache and a DFA state.
        seconds: time taken to explore it.
        parallel: the full forward, compared on long words.
        single: whether every row was run alone, as one sequence is generated.
        alone: whether random states, run again one by one, gave the same bits. Where not, sums are not exact,
            and the proof is about batches.
        digest: SHA-256 of the weight file.
        versions: of torch and transformers.
    """

    language: Language
    task: str
    arithmetic: str
    product: StockProduct
    seconds: float
    parallel: Parallel
    single: bool
    alone: bool
    digest: str
    versions: dict[str, str]

    proved: ClassVar[Literal[True]] = True

    @property
    def size(self) -> int:
        """Number of product states."""
        return len(self.product)

    @property
    def speed(self) -> float:
        """Transitions per second."""
        return self.product.transitions / self.seconds

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        return {
            "proved": True,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "product_states": self.size,
            "transitions": self.product.transitions,
            "seconds": round(self.seconds, 3),
            "transitions_per_second": round(self.speed),
            "margin": self.product.margin,
            "illegal_mass": self.product.illegal_mass,
            "parallel": self.parallel.to_json(),
            "single": self.single,
            "alone_equal": self.alone,
            "weights_sha256": self.digest,
            **self.versions,
        }

    def certificate(self) -> dict[str, Any]:
        """Return the proof certificate of docs/certificates.md; checking it explores the model again.

        Raises:
            BadInput: when the bits depend on the batch, so that no other run finds the same states.
        """
        if not self.alone:
            why = "its rows were run in batches, and alone they give other bits"
            raise BadInput("a certificate of this proof", why, "Prove it with --single.")
        dfa, product = self.language.dfa, self.product
        return {
            "format": "starfree-proof-1",
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
                "kind": "stock",
                "sha256": self.digest,
                **self.versions,
                "single": self.single,
                "transitions": product.transitions,
                "access": [
                    None if parent < 0 else [parent, token]
                    for parent, token in zip(product.parent.tolist(), product.token.tolist(), strict=True)
                ],
            },
        }


@dataclass(frozen=True, eq=False)
class StockDifference:
    """A sequence of tokens after BOS where stock model and language disagree, and what each says.

    Arguments:
        word: the sequence, of symbols and of names of special tokens; for the one-token path it is a
            shortest, and of these the first in token order.
        model_legal, language_legal: the two legal sets; the model's may contain names of special tokens.
        model_alphabet: the symbols of the model.
        special: the names of BOS, PAD and UNK.
        path: "one-token", or "parallel" when only the full forward differs, on the long words tried.
    """

    language: Language
    task: str
    arithmetic: str
    word: tuple[str, ...]
    model_legal: LegalSet
    language_legal: LegalSet
    model_alphabet: tuple[str, ...]
    special: tuple[str, ...]
    path: str

    proved: ClassVar[Literal[False]] = False

    @property
    def plain(self) -> bool:
        """Whether the word has no special token in it."""
        return set(self.word) <= set(self.model_alphabet)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --json` prints."""
        tokens = (*self.model_alphabet, *self.special)
        return {
            "proved": False,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "word": format_word(self.word, self.model_alphabet),
            "plain": self.plain,
            "path": self.path,
            "model_legal": legal_to_json(self.model_legal, tokens),
            "language_legal": legal_to_json(self.language_legal, tokens),
        }


@one_thread()
def prove_stock(
    model: Mamba,
    language: Language,
    *,
    task: str,
    dtype: str,
    digest: str | None,
    words: int,
    length: int,
    seed: int,
    single: bool,
    budget: Budget,
    progress: Progress | None,
) -> StockProof | StockDifference:
    """Decide whether a stock model, run token by token in a dtype, is a language at every length.

    Arguments: as of `prove`; `digest` is that of the weight file, computed when not given.

    Returns:
        a `StockProof`, or the `StockDifference` with a shortest word.

    Raises:
        MissingDependency: when torch or transformers is missing.
        BudgetExceeded: when a budget runs out; nothing is known then.

    Complexity: see `explore_stock` and `compare_paths`.
    """
    net = stock_model(model, dtype)
    dfa = TokenDFA.of(language.dfa, model.alphabet)
    steps = StockSteps(net, token_ids(len(model.alphabet)).bos, single=single)
    explored = token_classes(net, dfa)
    begun = time.perf_counter()
    found = explore_stock(steps, dfa, explored, task=task, budget=budget, progress=progress)
    seconds = time.perf_counter() - begun
    if isinstance(found, StockMismatch):
        return _difference(model, language, task, dtype, found, "one-token")
    parallel = compare_paths(net, dfa, task=task, words=words, length=length, seed=seed, budget=budget)
    if isinstance(parallel, StockMismatch):
        return _difference(model, language, task, dtype, parallel, "parallel")
    alone = same_alone(steps, found, rows=_ALONE, seed=seed)
    versions = {library.__name__: str(library.__version__) for library in libraries()}
    digest = digest or weights_digest(model)
    return StockProof(language, task, dtype, found, seconds, parallel, single, alone, digest, versions)


def weights_digest(model: Mamba | Path) -> str:
    """Return the SHA-256 of the weight file in a directory, or of the one that `save` writes."""
    from safetensors.numpy import save

    if isinstance(model, Path):
        return hashlib.sha256((model / WEIGHTS).read_bytes()).hexdigest()
    tensors = {name: model.tensors[name] for name in sorted(model.tensors)}
    return hashlib.sha256(save(tensors, metadata={"format": "pt"})).hexdigest()


def _difference(
    model: Mamba, language: Language, task: str, dtype: str, found: StockMismatch, path: str
) -> StockDifference:
    bos, _, pad, unk = token_ids(len(model.alphabet))
    special = [model.vocab[token] for token in (bos, pad, unk)]

    def legal(flags: Flags) -> LegalSet:
        others = [model.vocab[token] for token in (bos, pad, unk) if flags[token]]
        return legal_set(model.alphabet, flags.tolist()) | frozenset(others)

    word = tuple(model.vocab[token] for token in found.tokens)
    said = legal(found.model_legal), legal(found.language_legal)
    return StockDifference(language, task, dtype, word, *said, model.alphabet, tuple(special), path)

"""What trained networks get right in each bin, beside what needs no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..languages import END, LegalSet, format_word
from ..languages.language import legal_to_json
from ..models.networks import Ensemble
from .baselines import LENGTHS, baseline, fit
from .batches import Batches
from .examples import Examples, Flags
from .heads import Joint, NextToken
from .material import Material, Part
from .metrics import Score, by_length, close_right, measure, per_position, per_word, reads
from .nested import tops
from .results import CLOSES, ENDS, LENGTHS_OF_PREFIXES, MASS, READS, BinResult

_NAMES = {symbols: f"lookup_{symbols}" if symbols else "majority" for symbols in LENGTHS}


def bin_results(network: Ensemble, ids: Sequence[str], found: Material) -> list[list[BinResult]]:
    """Return for each member of a network what it gets right in each bin.

    Arguments:
        network: an ensemble with a member for each run.
        ids: of the runs.
        found: its bins are measured; its training words make the baselines.

    Complexity: one forward pass over all words of the bins.
    """
    results: list[list[BinResult]] = [[] for _ in ids]
    for number, part in enumerate(found.bins):
        answers = predicted(network, found, part)
        sets_known = found.classes is not None or not isinstance(found.head, Joint)
        closing = _closing(network, found, part)
        for one, run, answer in zip(results, ids, answers, strict=True):
            counted = _legal_sets(found, part, answer) if sets_known else _classes(found, part, answer)
            if closing:
                counted[-1]["measures"][MASS] = next(closing)
            one.append(BinResult(run, number, part.lo, part.hi, *counted))
    return results


Counted = tuple[int, int, int, int, int, dict[str, Any]]


def _legal_sets(found: Material, part: Part, answer: NDArray[Any]) -> Counted:
    """Count what is right of legal sets, given as flags or as their classes."""
    examples = part.examples
    legal: Flags = answer if found.classes is None else found.classes.sets(answer)
    extra: dict[str, Any] = {"baselines": _baselines(found, part), "exhaustive": part.exhaustive}
    if part.name is not None:
        extra["name"] = part.name
    score = ends_at(legal, examples, part.lo)
    extra["measures"] = {ENDS: {"right": score.right, "n": score.n}}
    if set(examples.alphabet) == set("wri01"):  # flip-flop: what counts is the bit after a read
        score = reads(legal, examples)
        extra["measures"][READS] = {"right": score.right, "n": score.n}
    if "bounded_dyck" in found.language.spec:
        score = closes(legal, examples)
        extra["measures"][CLOSES] = {"right": score.right, "n": score.n}
    extra[LENGTHS_OF_PREFIXES] = [[lo, hi, one.right, one.n] for lo, hi, one in by_length(legal, examples)]
    wrong = first_wrong(legal, examples)
    if wrong is not None:
        extra["wrong"] = wrong
    right = measure(legal, examples)
    words, positions = right["words"], right["positions"]
    return words.n, words.right, positions.n, positions.right, right["end"].right, extra


def _baselines(found: Material, part: Part) -> dict[str, dict[str, Any]]:
    simple: dict[str, dict[str, Any]] = {}
    for symbols, name in _NAMES.items():
        legal = baseline(found.training.examples, part.examples, symbols)
        simple[name] = {one: score.right for one, score in measure(legal, part.examples).items()}
        score = ends_at(legal, part.examples, part.lo)
        simple[name][ENDS] = {"right": score.right, "n": score.n}
    return simple


def closes(legal: Flags, examples: Examples) -> Score:
    """Return how often just the right closing bracket is legal, where one is open.

    Opening and closing brackets alternate in the alphabet.
    """
    said, right = legal[..., 1:-1:2], examples.legal[..., 1:-1:2]
    return per_position((said == right).all(axis=-1), examples.mask & right.any(axis=-1))


def ends_at(legal: Flags, examples: Examples, lo: int) -> Score:
    """Return how often it is right whether the word may end, after prefixes of at least a length only.

    The first prefixes of a long word are as short as those of training; what is right there says nothing
    about length.
    """
    late = examples.mask & (np.arange(examples.mask.shape[1]) >= lo)
    return per_position((legal == examples.legal)[..., -1], late)


def _classes(found: Material, part: Part, answer: NDArray[Any]) -> Counted:
    """Count what is right of classes that are no legal sets: of the published targets."""
    assert part.targets is not None
    assert found.training.targets is not None

    def counted(classes: NDArray[Any]) -> tuple[int, int, int, int]:
        assert part.targets is not None
        asked = part.targets >= 0
        words, positions = (
            per_word(classes == part.targets, asked),
            per_position(classes == part.targets, asked),
        )
        return words.n, words.right, positions.n, positions.right

    simple = {}
    for symbols, name in _NAMES.items():
        lookup = fit(found.training.examples.tokens.astype(np.int64), found.training.targets, symbols)
        right = counted(lookup.predict(part.examples.tokens.astype(np.int64)))
        simple[name] = {"words": right[1], "positions": right[3], "end": right[3]}
    right = counted(answer)
    return *right, right[3], {"baselines": simple, "exhaustive": False, "published": True}


def predicted(network: Ensemble, found: Material, part: Part) -> NDArray[Any]:
    """Return what each member says.

    Returns:
        shape `(E, n, T, k + 1)`: legal sets, of a k-hot head; `(E, n, T)`: classes, of a joint one.
    """
    network.train(False)
    words = Batches.of(part.examples, network.device, head=found.head, targets=part.targets)
    answers: NDArray[Any] | None = None
    for rows in words.blocks(network.members):
        tokens, _, _ = words.rows(rows.expand(network.members, -1))
        with torch.no_grad():
            logits = network(tokens)
        said = found.head.said(logits).cpu().numpy()
        if answers is None:
            answers = np.zeros((network.members, *words.tokens.shape, *said.shape[3:]), said.dtype)
        answers[:, rows.cpu().numpy(), : tokens.shape[2]] = said
    assert answers is not None, "a bin has words"
    return answers


def _closing(network: Ensemble, found: Material, part: Part) -> Iterator[dict[str, int]] | None:
    """Return for each member, of a language model of bounded Dyck, how often it closes the right bracket.

    That is the published measure: the right one has over 0.8 of the probability of all closing brackets.
    """
    if not isinstance(found.head, NextToken) or "bounded_dyck" not in found.language.spec:
        return None
    words = Batches.of(part.examples, network.device, head=found.head, targets=part.targets)
    depth = int(found.language.spec.rpartition("_")[2])
    innermost = tops(part.examples.tokens[:, 1:], part.examples.lengths, depth)[0]
    sums = np.zeros((network.members, 2), np.int64)
    for rows in words.blocks(network.members):
        tokens, _, _ = words.rows(rows.expand(network.members, -1))
        with torch.no_grad():
            shares = found.head.probabilities(network(tokens))[..., 1:-1:2].cpu().numpy()
        asked_of = innermost[rows.cpu().numpy(), : tokens.shape[2]]
        for member, own in enumerate(shares):
            right, asked = close_right(own, asked_of)
            sums[member] += int(right.sum()), int(asked.sum())
    return iter([{"right": int(right), "n": int(n)} for right, n in sums])


def first_wrong(predicted: Flags, examples: Examples) -> dict[str, Any] | None:
    """Return the shortest prefix after which a legal set is wrong, as a document; None where none is.

    Arguments:
        predicted: shape `(n, T + 1, k + 1)`.
    """
    wrong = (predicted != examples.legal).any(axis=-1) & examples.mask
    places = np.where(wrong.any(axis=1), wrong.argmax(axis=1), wrong.shape[1])
    row = int(places.argmin())
    place = int(places[row])
    if place == wrong.shape[1]:
        return None
    alphabet = examples.alphabet
    prefix = tuple(alphabet[token] for token in examples.tokens[row, 1 : place + 1].tolist())

    def named(flags: Flags) -> LegalSet:
        symbols = [symbol for symbol, flag in zip(alphabet, flags.tolist(), strict=False) if flag]
        return frozenset([*symbols, END] if flags[-1] else symbols)

    return {
        "prefix": format_word(prefix, alphabet),
        "said": legal_to_json(named(predicted[row, place]), alphabet),
        "legal": legal_to_json(named(examples.legal[row, place]), alphabet),
    }

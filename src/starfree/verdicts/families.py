"""The families of architectures that a verdict speaks about, as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ..errors import BadInput
from ..languages.words import brief

Bound = Literal["characterisation", "lower", "upper"]


@dataclass(frozen=True)
class Family:
    """A class of architectures that has one verdict.

    Arguments:
        id: the name that users type.
        phrase: what tells it from the others, in a few words.
        models: architectures that belong to it, as people call them.
        arithmetic: what the theorem assumes about numbers: FIX (fixed point, unbounded integer part), WIDTH
            (constant total bits), MARGIN (exact state, decisions with a margin), C-RASP (exact sums inside
            attention, constant bits elsewhere) or LOGP (logarithmically many bits).
        bound: what is known: "characterisation" (both directions), else the direction that is proved.
        theorem: the statement, in words.
        citation: where it stands; "derived" marks a proof of ours, from the sources named.
        notes: what a reader should know before using the verdict.
        models_yes: the models that hold an exact unbounded integer (FIX): gate 1 with a free increment.
        models_no: the models that cannot: their state is an average or decays.
    """

    id: str
    phrase: str
    models: tuple[str, ...]
    arithmetic: str
    bound: Bound
    theorem: str
    citation: str
    notes: tuple[str, ...] = ()
    models_yes: tuple[str, ...] = ()
    models_no: tuple[str, ...] = ()


_GATES = "Gates 0 and 1 must be reachable: exp(-x) is exactly 1 in float32 only when x is below about 6e-8."
_LEARN = "Expressible is not learnable: training may miss what the weights could do."
_DRIFT = (
    "A rotation by a fraction of a turn is exact only for quarter turns; otherwise its error grows with "
    "length, and the verdict holds up to a horizon."
)
_TWO_READINGS = (
    "Fixed precision with rounded attention sums and C-RASP differ in one thing, whether the sum inside "
    "attention is exact; both verdicts are shown because the field uses both."
)
_END_MARK = "Recognising is read at an end mark after the word; predicting also sees the symbol just read."

FAMILIES: tuple[Family, ...] = (
    Family(
        "diagonal-nonnegative",
        "gates in [0,1] that depend on the input",
        (
            "Mamba",
            "Mamba-2",
            "GLA",
            "HGRN",
            "HGRN2",
            "Griffin (RG-LRU)",
            "mLSTM",
            "minGRU",
            "RWKV-4",
            "RWKV-5",
            "RWKV-6",
        ),
        "FIX",
        "characterisation",
        "Diagonal recurrences with input-dependent gates in [0,1] recognise, among regular languages, "
        "exactly the star-free ones: each cell is moved by monotone maps, so whatever is read again and "
        "again comes to rest.",
        "arXiv:2405.17394, arXiv:2601.19467",
        (
            _GATES,
            "With modular (wrap-around) integers the maps are not monotone and the verdict changes "
            "(arXiv:2606.01765).",
            "Without a short convolution or token shift a delay costs an extra layer.",
            "Attention without positions, at fixed width, mixed with these layers: star-free as well.",
            "At logarithmic precision: row ssm-log-precision.",
            _LEARN,
        ),
        ("Mamba", "Mamba-2", "GLA", "RWKV-5", "RWKV-6"),
        ("HGRN", "HGRN2", "Griffin (RG-LRU)", "mLSTM", "minGRU"),
    ),
    Family(
        "time-invariant-decaying",
        "fixed gates below 1 in size",
        ("RetNet", "S4", "S4D", "LRU"),
        "MARGIN",
        "characterisation",
        "Time-invariant recurrences whose eigenvalues are below 1 in size forget: with a decision margin "
        "they see a window of the last k symbols, which is the definite languages; to predict, a window of"
        " live symbols.",
        "derived; model in arXiv:2405.17394",
        ("Rounding to nearest has dead bands that can latch, so fixed point is not covered.",),
        (),
        ("RetNet", "S4", "S4D", "LRU"),
    ),
    Family(
        "time-invariant-unit",
        "fixed gates of size 1, idealised",
        ("S4 (idealised)", "S4D (idealised)", "LRU (idealised)", "S5 (idealised)"),
        "FIX",
        "lower",
        "Time-invariant recurrences with eigenvalues of size 1 count and delay, so they have the definite,"
        " the R-trivial and the C-RASP languages; they have neither flip-flop nor parity, nor anything "
        "that is not quasi-aperiodic. The exact class is open.",
        "arXiv:2601.19467, arXiv:2405.17394; derived",
        (_LEARN,),
        ("S4 (idealised)", "S4D (idealised)", "LRU (idealised)", "S5 (idealised)"),
    ),
    Family(
        "time-invariant-mixed",
        "fixed gates of size 1 beside gates in [0,1]",
        ("S4D + Mamba",),
        "WIDTH",
        "characterisation",
        "Time-invariant layers with eigenvalues of size 1 together with gates in [0,1] have the "
        "quasi-aperiodic languages (regular and in AC0): star-free up to counting positions modulo a "
        "number.",
        "arXiv:2601.19467, arXiv:2508.07395; derived",
        ("The upper bound asks for rotations that are exact roots of unity.", _GATES),
        ("S4D + Mamba",),
    ),
    Family(
        "diagonal-signed",
        "gates in [-1,1]",
        ("Mamba with signed gates", "Mamba-2 with signed gates", "GLA with signed gates"),
        "FIX",
        "characterisation",
        "Real diagonal recurrences with input-dependent gates in [-1,1] recognise a regular language "
        "exactly when every group in its syntactic monoid is a 2-group: a negative gate flips the order, "
        "twice restores it.",
        "arXiv:2411.12537, arXiv:2508.07395; derived",
        ("L layers give groups of exponent dividing 2^L.", _GATES, _LEARN),
        ("Mamba with signed gates", "Mamba-2 with signed gates", "GLA with signed gates"),
    ),
    Family(
        "diagonal-complex",
        "complex gates",
        ("DCD-SSM", "Mamba-3 (idealised)", "AUSSM", "S7"),
        "MARGIN",
        "characterisation",
        "Complex diagonal recurrences with input-dependent gates recognise a regular language exactly when"
        " every group in its syntactic monoid is solvable; k layers track a group exactly when it has k "
        "Abelian factors.",
        "arXiv:2603.01959; derived",
        (
            _DRIFT,
            "In fixed point rounding can undo that error at each step, for roots of unity of any order: what "
            "`starfree build --target complex` makes is right at every length.",
            "Mamba-3 as shipped decays by at least 1e-4 per half turn, so it has a horizon, never an exact"
            " rotation.",
            _LEARN,
        ),
    ),
    Family(
        "deltanet",
        "delta rule with beta in [0,1]",
        ("DeltaNet (beta <= 1)", "Gated DeltaNet (beta <= 1)", "KDA (beta <= 1)"),
        "MARGIN",
        "characterisation",
        "Delta rules with beta in [0,1] recognise exactly the star-free languages: products of symmetric "
        "contractions without negative eigenvalues fix every vector that they do not shrink.",
        "arXiv:2411.12537; derived",
        ("At logarithmic precision it is open whether beta <= 1 exceeds TC0 (arXiv:2604.03444).",),
        (),
        ("DeltaNet (beta <= 1)", "Gated DeltaNet (beta <= 1)", "KDA (beta <= 1)"),
    ),
    Family(
        "deltanet-negative",
        "delta rule with beta in [0,2]",
        ("DeltaNet (beta <= 2)", "Gated DeltaNet (beta <= 2)"),
        "MARGIN",
        "characterisation",
        "Delta rules with beta in [0,2] reflect: four layers have the word problem of every finite group, "
        "and with resets enough layers have every regular language.",
        "arXiv:2502.10297, arXiv:2411.12537",
        (
            "One layer has parity but not counting modulo 3; the class of each number of layers is open.",
            "RWKV-7 is claimed to have every regular language in four layers, but its shipped gates cannot"
            " swap exactly: that needs a wider range (arXiv:2503.14456).",
            "At logarithmic precision delta rules are complete for PNC1 (arXiv:2603.03612).",
            _DRIFT,
        ),
    ),
    Family(
        "deltaproduct",
        "several reflections for each symbol",
        ("DeltaProduct (negative eigenvalues)",),
        "MARGIN",
        "characterisation",
        "Products of several reflections per symbol have every regular language; one layer has the groups of "
        "permutations that are products of as many transpositions.",
        "arXiv:2411.12537, arXiv:2502.10297",
        (_DRIFT,),
    ),
    Family(
        "permutation-diagonal",
        "matrices with one 1 in each column",
        ("PD-SSM", "SD-SSM", "linear RNN with dense input-dependent matrices"),
        "FIX",
        "characterisation",
        "A matrix with one 1 per column can be the transition function itself: one layer as wide as the "
        "DFA has states has every regular language, exactly.",
        "arXiv:2509.22284, arXiv:2412.19350",
        ("At logarithmic precision permutation-diagonal models are complete for NC1 (arXiv:2603.03612).",),
    ),
    Family(
        "rnn",
        "nonlinear recurrence",
        ("Elman RNN", "GRU", "LSTM", "sLSTM", "M2RNN"),
        "WIDTH",
        "characterisation",
        "Nonlinear recurrent networks of constant precision are finite automata, and one layer can be any "
        "of them.",
        "Weiss et al., ACL 2018; Merrill et al., ACL 2020; arXiv:2603.14360",
        ("Cascades of sign or tanh neurons with positive weights are star-free (arXiv:2312.09048).",),
        ("LSTM",),
        ("GRU", "Elman RNN"),
    ),
    Family(
        "transformer-hard",
        "unique hard attention, no positions",
        ("transformer with unique hard attention, strict future mask, no positions",),
        "WIDTH",
        "characterisation",
        "Masked unique hard attention is linear temporal logic, hence exactly the star-free languages.",
        "arXiv:2310.13897",
        (
            "With a mask that is not strict: star-free and blind to repeated symbols.",
            "With ties broken to the left only: the R-trivial languages (arXiv:2503.14615).",
        ),
    ),
    Family(
        "transformer-hard-pe",
        "unique hard attention with periodic positions",
        ("transformer with unique hard attention and periodic positions",),
        "WIDTH",
        "characterisation",
        "With sinusoidal positions (or arbitrary ones) masked unique hard attention has, among regular "
        "languages, exactly the quasi-aperiodic ones: regular and in AC0.",
        "arXiv:2310.13897",
    ),
    Family(
        "transformer-softmax-fixed",
        "softmax in fixed precision",
        ("softmax transformer, fixed precision, strict future mask, no positions",),
        "WIDTH",
        "characterisation",
        "Softmax attention in fixed precision only sees whether something has occurred: exactly the "
        "R-trivial languages (temporal logic of the past alone).",
        "arXiv:2505.23623, arXiv:2603.02238",
        (
            _END_MARK,
            _TWO_READINGS,
            "With positions no exact class is known; with masks in both directions the natural class is DA.",
        ),
    ),
    Family(
        "transformer-c-rasp",
        "softmax with exact sums",
        ("softmax transformer, exact sums in attention, no positions",),
        "C-RASP",
        "characterisation",
        "With exact sums inside attention softmax transformers are C-RASP; a regular language is in it "
        "exactly when counting separates the states of each strongly connected part of its automaton.",
        "arXiv:2506.16055, arXiv:2608.13433",
        (
            _END_MARK,
            _TWO_READINGS,
            "Read as length generalisation: absolute positions generalise on C-RASP, and fail on parity "
            "and flip-flop (arXiv:2410.02140).",
        ),
    ),
    Family(
        "transformer-log-precision",
        "attention at logarithmic precision",
        ("log-precision transformer", "average-hard attention transformer"),
        "LOGP",
        "upper",
        "Log-precision transformers stay in uniform TC0, which has no unsolvable group unless TC0 = NC1; "
        "C-RASP languages are within reach. What lies between is open.",
        "Merrill and Sabharwal, TACL 2023; arXiv:2210.10749",
        ("Shortcuts of constant depth exist for solvable groups, of logarithmic depth for all.",),
    ),
    Family(
        "ssm-log-precision",
        "recurrence at logarithmic precision",
        ("log-precision S4", "log-precision Mamba"),
        "LOGP",
        "upper",
        "Log-precision S4 and Mamba stay in uniform TC0, which has no unsolvable group unless TC0 = NC1; "
        "star-free languages are within reach. What lies between is open.",
        "arXiv:2404.08819",
        ("Nonlinear recurrent networks at logarithmic precision are L-complete (arXiv:2603.03612).",),
    ),
)

BY_ID: dict[str, Family] = {family.id: family for family in FAMILIES}


def family_named(name: str) -> Family:
    """Return a family by its name, or by that of a model that belongs to it; case does not matter.

    Raises:
        BadInput: when there is none, or models of that name belong to several families.

    >>> family_named("Mamba").id, family_named("griffin").id
    ('diagonal-nonnegative', 'diagonal-nonnegative')
    """
    wanted = name.casefold()
    if wanted in BY_ID:
        return BY_ID[wanted]
    found = [family for family in FAMILIES if wanted in _names(family)]
    if len(found) == 1:
        return found[0]
    what = f"family {brief(name)!r}"
    if found:
        raise BadInput(what, "is the name of models of several families", f"Use {_told_apart(found)}.")
    partly = [family for family in FAMILIES if _mentions(family.models, wanted)]
    if partly:
        raise BadInput(what, "is only part of a model's name", f"Use {_told_apart(partly)}.")
    raise BadInput(what, "is neither a family nor a model", _hint(wanted))


def _names(family: Family) -> set[str]:
    """Return what names the models of a family: with what stands behind them in parentheses, and without."""
    return {written.casefold() for model in family.models for written in (model, model.split(" (")[0])}


def _told_apart(families: Sequence[Family]) -> str:
    return " or ".join(f"{family.id} ({family.phrase})" for family in families)


def _mentions(texts: Sequence[str], wanted: str) -> bool:
    """Tell whether one of the texts has the words that are wanted."""
    words = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])", re.IGNORECASE)
    return bool(wanted) and any(words.search(text) for text in texts)


def _hint(wanted: str) -> str:
    """Return what to do about a name that is not known; another version of a model is another model."""
    noted = [family.id for family in FAMILIES if _mentions(family.notes, wanted)]
    known = [*BY_ID, *(name for family in FAMILIES for name in sorted(_names(family)))]
    versions = re.findall(r"\d+", wanted)
    same = [name for name in known if re.findall(r"\d+", name) == versions]
    near = get_close_matches(wanted, same, 1, 0.75 if versions else 0.5)
    if noted:
        hint = f"The notes of {' and '.join(noted)} speak of it. "
    else:
        hint = f"Did you mean {near[0]}? " if near else ""
    return f"{hint}`starfree decide --help` lists the families and their models."


def assumption(family: Family, answer: str) -> str | None:
    """Return the unproved conjecture that an answer needs, or None."""
    return "TC0 != NC1" if answer == "no" and family.arithmetic == "LOGP" else None

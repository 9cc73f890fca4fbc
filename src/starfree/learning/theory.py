"""What theory predicts for each trained model: the verdict on its family, for the task *predict*."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import StarfreeError
from ..languages import catalog
from ..verdicts.decide import decide
from ..verdicts.verdict import Decision, Verdict

FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "mamba": (("diagonal-nonnegative",), "Mamba"),
    "mamba-signed": (("diagonal-signed",), "Mamba with signed gates"),
    "mamba2": (("diagonal-nonnegative",), "Mamba-2"),
    "mamba2-signed": (("diagonal-signed",), "Mamba-2 with signed gates"),
    "s4d": (("time-invariant-decaying",), "S4D"),
    "gru": (("rnn",), "GRU"),
    "lstm": (("rnn",), "LSTM"),
    "transformer": (("transformer-softmax-fixed", "transformer-c-rasp"), "transformer"),
    "transformer-sin": (("transformer-log-precision",), "transformer"),
    "deltanet": (("deltanet",), "DeltaNet (beta <= 1)"),
    "deltanet-negative": (("deltanet-negative",), "DeltaNet (beta <= 2)"),
}
GROUPS = ("star-free", "regular, not star-free", "not regular", "not decided")
_WORDS = {"yes": "can", "no": "cannot", "open": "open", "unknown": "unknown"}
_SECONDS = 30.0  # for the verdicts on one language


@dataclass(frozen=True)
class Prediction:
    """What theory says about one family and one language.

    Arguments:
        family: its name.
        answer: "can", "cannot", "open" or "unknown"; for some number of layers, not for the one trained.
        because: the reason, in words.
        citation: where the theorem stands.
    """

    family: str
    answer: str
    because: str
    citation: str


@dataclass(frozen=True)
class Theory:
    """What is known about a language without training anything.

    Arguments:
        group: one of `GROUPS`.
        description: a sentence about the language, or "".
        facts: a few properties, in words.
        predictions: of each model, one for each reading of its family; none for a model of the user's.
    """

    group: str
    description: str
    facts: tuple[str, ...]
    predictions: dict[str, tuple[Prediction, ...]]

    def answer(self, model: str) -> str:
        """Return the prediction in a word or two: what all readings agree on, or what each says."""
        answers = dict.fromkeys(prediction.answer for prediction in self.predictions.get(model, ()))
        return " / ".join(answers)


def theory(language: str, models: Iterable[str]) -> Theory:
    """Ask `decide` about a language, to be predicted, for the families of some models.

    Complexity: that of `decide`; a language that cannot be read or decided has no predictions.

    >>> theory("@parity", ["mamba", "mamba-signed"]).answer("mamba")
    'cannot'
    """
    described = {f"@{entry.name}": entry.description for entry in catalog.entries()}
    about = described.get(language, "")
    try:
        decision = decide(language, task="predict", timeout=_SECONDS)
    except StarfreeError as error:
        return Theory(GROUPS[3], about, (f"No verdict: {error.why}.",), {})
    found = {
        model: tuple(_prediction(decision[family], FAMILIES[model][1]) for family in FAMILIES[model][0])
        for model in models
        if model in FAMILIES
    }
    group, facts = _facts(decision)
    return Theory(group, about, facts, found)


def _prediction(verdict: Verdict, name: str) -> Prediction:
    answer = verdict.expressible
    if verdict.counting and answer == "yes" and name in verdict.about.models_no:
        answer = "no"
    return Prediction(verdict.family, _WORDS[answer], verdict.because, verdict.citation)


def _facts(decision: Decision) -> tuple[str, tuple[str, ...]]:
    algebra, states = decision.algebra, decision.language.states
    if algebra is None:
        return GROUPS[2], ("no finite automaton",)
    facts = [f"{states} states"]
    if algebra.monoid_size is not None:
        facts.append(f"monoid of {algebra.monoid_size} elements")
    if algebra.aperiodic is None:
        return GROUPS[3], tuple(facts)
    return GROUPS[0] if algebra.aperiodic else GROUPS[1], tuple(facts)

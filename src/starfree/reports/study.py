"""`study`: the whole path on one language: decided, built, proved, learned, and what training gets wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import NotExpressible, StarfreeError, check_installed
from ..languages import Language, as_language, dfa_of, parse_word
from ..languages.notation import printable, runs
from ..learning.job import Job
from ..learning.learn import Learned, learn_jobs
from ..learning.runner import Report as Told
from ..models.open_model import open_model
from ..proofs.prove import prove
from ..proofs.prove_program import ProgramProof
from ..proofs.refute import refute
from ..targets.build import build, depth
from ..targets.show import show
from ..verdicts.decide import decide
from ..verdicts.verdict import Decision
from .parts import Chapter
from .refuted import refuted_chapter
from .report import LIBRARIES, Report, written
from .view import view

TARGETS = ("ssm", "mamba", "mamba2")
_SEARCH = 10.0  # seconds that one trained network is searched for an error
_SECONDS = 30.0  # for each step that may take long
_PREFIXES = 20_000  # that a trained network is run on
_COPIES = 1_000  # of a word that is pumped


@dataclass(frozen=True)
class Study:
    """What was found on one language.

    Arguments:
        language: the language.
        decision: the verdicts, for the task predict.
        report: the page and the table that were written.
        learned: the runs behind it.
    """

    language: Language
    decision: Decision
    report: Report
    learned: Learned

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree study --json` prints."""
        return {"decision": self.decision.to_json(), **self.report.to_json(), **self.learned.to_json()}


def study(
    language: str,
    *,
    runs: str | PathLike[str] = "runs/study",
    out: str | PathLike[str] | None = None,
    models: Sequence[str] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    workers: int | None = None,
    device: str | None = None,
    report: Told | None = None,
    **others: Any,
) -> Study:
    """Decide, build, prove and learn one language, and write what came out on one page.

    Arguments:
        language: text for `starfree.load`.
        runs: the directory of the results of training; what is there is not trained again.
        out: the page; `study.html` in that directory when None.
        models: networks to train; Mamba, Mamba with signed gates and an LSTM when None.
        seeds: of each.
        workers, device, report, others: as of `learn`.

    Raises:
        BadInput, BudgetExceeded, MissingDependency: as the verbs do.

    Complexity: mostly that of training.
    """
    check_installed("a report", "learn", *LIBRARIES)
    loaded = as_language(language)
    kinds = ("mamba", "mamba-signed", "lstm") if models is None else models
    first = replace(Job(language), **others)
    jobs = [replace(first, model=model, seed=seed) for model in kinds for seed in seeds]
    decision = decide(loaded, task="predict", timeout=_SECONDS)
    before = [_decided(decision), _built(loaded, decision.target), *_listing(loaded)]
    learned = learn_jobs(jobs, Path(runs), workers=workers, device=device, report=report)
    named = ((f"{job.model}, seed {job.seed}", model) for job, model in _models(learned))
    after = [_wrong(loaded, learned), _trained(loaded, learned), *_held(loaded, learned)]
    after += refuted_chapter(loaded, named)
    shown = view(learned.records, (), f"A study of {printable(language)}")
    shown = replace(shown, before=tuple(before), after=tuple(after))
    place = Path(runs) / "study.html" if out is None else Path(out)
    return Study(loaded, decision, written(shown, place, len(learned.records)), learned)


def _decided(decision: Decision) -> Chapter:
    rows = [
        (verdict.family, verdict.expressible, verdict.arithmetic, verdict.because, verdict.citation)
        for verdict in decision.verdicts
    ]
    said = "Which families of architectures can predict the language at every length, with enough layers."
    return Chapter("Decided", said, ("family", "can it", "arithmetic", "because", "source"), tuple(rows))


def _built(language: Language, cheapest: str | None) -> Chapter:
    """Return what the targets make of a language, the cheapest that has it among them."""
    rows = []
    for target in TARGETS if cheapest in (None, *TARGETS) else (*TARGETS, cheapest):
        try:
            model = build(language, target=target, task="predict", timeout=_SECONDS)
        except NotExpressible as refusal:
            rows.append((target, "cannot be built", "", refusal.why))
            continue
        except StarfreeError as error:
            rows.append((target, "not built", "", error.why))
            continue
        rows.append(
            (target, f"{depth(model)} layers", f"{model.parameters:,} parameters", _proved(model, language))
        )
    said = "Exact weights by construction, and what is proved of them as they run; nothing was trained."
    return Chapter("Built and proved", said, ("target", "depth", "size", "proof"), tuple(rows))


def _proved(model: Any, language: Language) -> str:
    try:
        proof = prove(model, language, task="predict", timeout=_SECONDS)
    except StarfreeError as error:
        return f"unknown: {error.why}"
    if not proof.proved:
        return f"differs after {runs(proof.word)}"
    if isinstance(proof, ProgramProof) and not proof.every_length:
        until = "" if proof.horizon is None else f", exact up to length {proof.horizon:,}"
        return f"the language on the words run{until}"
    return "the language, at every length"


def _listing(language: Language) -> list[Chapter]:
    """Return the language as a program of past temporal logic, when it is one."""
    try:
        text = str(show(language, form="program", timeout=_SECONDS))
    except StarfreeError:
        return []
    return [
        Chapter(
            "As a program", "The same language, as a reader from left to right would say it.", listing=text
        )
    ]


def _wrong(language: Language, learned: Learned) -> Chapter:
    rows = []
    for record in learned.records:
        found = [each.extra["wrong"] for each in record.bins if "wrong" in each.extra]
        name = (f"{record.run.model}, seed {record.run.seed}",)
        if not found:
            rows.append((*name, "nothing wrong on the words measured", "", ""))
            continue
        shortest = min(found, key=lambda wrong: len(wrong["prefix"]))
        prefix = runs(parse_word(shortest["prefix"], language.alphabet))
        rows.append((*name, prefix, _set(shortest["said"]), _set(shortest["legal"])))
    said = "For each run the shortest prefix, of the words measured, after which it says a wrong legal set."
    return Chapter("What training gets wrong", said, ("run", "after", "it says", "right is"), tuple(rows))


def _set(document: dict[str, Any]) -> str:
    parts = [*document["symbols"], *(["END"] if document["end"] else [])]
    return " ".join(map(printable, parts)) or "nothing"


def _trained(language: Language, learned: Learned) -> Chapter:
    """Search for words on which each trained network is wrong: short ones, then long ones."""
    rows = []
    for job, model in _models(learned):
        found = refute(
            model,
            language,
            task="predict",
            copies=_COPIES,
            max_states=_PREFIXES,
            timeout=_SEARCH,
        )
        outcome = "; ".join(f"{each.strategy}: {each.outcome}" for each in found.attempts)
        wrong = next((runs(word) for each in found.findings for word in each.wrong), "")
        rows.append((f"{job.model}, seed {job.seed}", wrong, outcome))
    said = (
        f"Every prefix of a word, shortest first, until there are {_PREFIXES:,}; then long words: "
        "what must be held or counted long, and what comes closest to an error. Without an error nothing "
        "is proved."
    )
    return Chapter("Where it fails", said, ("run", "wrong after", "what was tried"), tuple(rows))


def _held(language: Language, learned: Learned) -> list[Chapter]:
    """Return how long each trained network holds, for a language with an automaton."""
    from ..learning.holds import LENGTH, holds

    if language.kind != "regular":
        return []
    rows: dict[str, list[str]] = {}
    names = []
    for job, model in _models(learned):
        names.append(f"{job.model}, seed {job.seed}")
        for hold in holds(model, dfa_of(language)):
            way = f"{runs(hold.prefix) if hold.prefix else ''} {printable(hold.symbol)}^n".strip()
            kept = f"{LENGTH:,} or more" if hold.kept is None else f"{hold.kept:,}"
            rows.setdefault(way, []).append(kept)
    if not rows:
        return []
    said = (
        "A symbol that changes nothing, read again and again: how large n may be until a legal set is wrong. "
        "Built weights hold for ever; a trained gate is near 1, and what it holds leaks away."
    )
    table = tuple((way, *kept) for way, kept in rows.items())
    return [Chapter("How long it holds", said, ("after", *names), table)]


def _models(learned: Learned) -> Iterator[tuple[Job, Any]]:
    """Yield the jobs whose networks were saved, each with its network."""
    for job in learned.jobs:
        place = Path(learned.directory) / "models" / job.id
        if place.is_dir():
            yield job, open_model(place)

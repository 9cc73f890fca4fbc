"""`learn`, `reproduce`, `report` and `study`: one path from a language to a page."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import starfree
from starfree.cli import main
from starfree.errors import BadInput, MissingDependency
from starfree.learning.holds import holds
from starfree.learning.job import job_from_json
from starfree.learning.learn import jobs_for, learn
from starfree.learning.paper import full_jobs
from starfree.learning.published import PUBLISHED
from starfree.learning.results import CLOSES, ENDS, MASS, READS, BinResult, Record, Run
from starfree.learning.smoke import LANGUAGES, SEEDS, hypotheses, smoke_jobs
from starfree.learning.store import Store
from starfree.learning.theory import FAMILIES
from starfree.models.networks import MODELS, make, width_for
from starfree.verdicts.families import FAMILIES as ALL_FAMILIES

SHORT = ["--window", "1-8", "--bins", "1-8,9-16", "--words", "60", "--test-words", "20", "--steps", "20"]
QUICK: dict[str, Any] = {
    "window": (1, 8),
    "bins": ((1, 8), (9, 16)),
    "words": 60,
    "test_words": 20,
    "steps": 20,
    "evaluate_every": 10,
    "workers": 1,
}


def test_learning_in_python(tmp_path: Path) -> None:
    found = learn("(ab)*a?", models=["mamba", "lstm"], width=8, seeds=(0, 1), runs=tmp_path, **QUICK)
    assert [job.model for job in found.jobs] == ["mamba", "mamba", "lstm", "lstm"]
    assert [record.run.id for record in found.records] == [job.id for job in found.jobs]
    assert found.theory["(ab)*a?"].answer("mamba") == "can"
    assert all(len(record.bins) == 2 for record in found.records)
    again = learn("(ab)*a?", models=["mamba", "lstm"], width=8, seeds=(0, 1), runs=tmp_path, **QUICK)
    assert again.to_json() == found.to_json()
    assert json.loads(json.dumps(found.to_json()))["runs"]


def test_what_was_trained_is_opened_and_run(tmp_path: Path) -> None:
    found = learn("(ab)*", models=["mamba", "mamba2", "lstm"], width=16, seeds=(0,), runs=tmp_path, **QUICK)
    for job, record in zip(found.jobs, found.records, strict=True):
        model = starfree.open_model(tmp_path / "models" / job.id)
        legal = starfree.run(tmp_path / "models" / job.id, "abab").legal
        assert len(legal) == 5
        # Its answers are those that were counted.
        examples = starfree.sample("(ab)*", length=8, number=1).words[0]
        wrong = record.bins[0].extra.get("wrong")
        if wrong is None:
            assert model.legal_sets(examples)[-1] == {"a", starfree.END}
        else:
            prefix = wrong["prefix"]
            said = model.legal_sets(prefix)[-1]
            assert [symbol for symbol in "ab" if symbol in said] == wrong["said"]["symbols"]
            assert (starfree.END in said) == wrong["said"]["end"]
    with pytest.raises(BadInput, match="which only runs"):
        starfree.prove(tmp_path / "models" / found.jobs[2].id, "(ab)*")
    (tmp_path / "models" / found.jobs[2].id / "config.json").write_text('{"format": "starfree-network-1"}')
    with pytest.raises(BadInput, match="no valid model"):
        starfree.open_model(tmp_path / "models" / found.jobs[2].id)


def test_learn_on_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = [
        "learn",
        "@tomita_4",
        "--width",
        "8",
        "--seeds",
        "0,3",
        *SHORT,
        "--runs",
        str(tmp_path / "runs"),
    ]
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    document = json.loads(shown.out)
    assert [run["run"]["seed"] for run in document["runs"]] == [0, 3]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "@tomita_4  mamba 1 layer, width 8" in text
    assert "theory: can, at every length, with enough layers (diagonal-nonnegative)" in text
    assert "1-8 " in text
    assert "9-16" in text
    assert main(["report", str(tmp_path / "runs"), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert "tomita_4" in Path(written["page"]).read_text("utf-8")


MISTAKES = [
    (["learn", "@tomita_4", "--model", "mambo"], "no such network"),
    (["learn", "@tomita_4", "--model", "nowhere:factory"], "cannot be imported"),
    (["learn", "@tomita_44"], "not in the catalogue"),
    (["learn", "(aa)*", "--window", "1-1", "--bins", "1-1"], "no word has such a length"),
    (["learn", "@tomita_4", "--window", "5"], "not a range of lengths"),
    (["learn", "@tomita_4", "--window", "9-5"], "has 9-5, which begins with the larger number"),
    (["learn", "@tomita_4", "--window", "0-0"], "window 0 to 0 has the empty word only"),
    (["learn", "@tomita_4", "--window", "1-999999999"], "asks for words of 999,999,999 symbols"),
    (["learn", "@tomita_4", "--bins", "9-12"], "bin 9 to 12 the first bin must be the training window"),
    (["learn", "@tomita_4", "--bins", "1-8,30-20"], "--bins 1-8,30-20 has 30-20"),
    (["learn", "abc|ab"], "the language has only 2 words"),
    (["learn", "@tomita_4", "--window", "1-5,6-9"], "must be one range"),
    (["learn", "@tomita_4", "--bins", "1-8,6-12"], "in common"),
    (["learn", "@tomita_4", "--seeds", "x"], "not a list of numbers"),
    (["learn", "@tomita_4", "--seeds", ""], "not a list of numbers"),
    (["learn", "@tomita_4", "--seeds", "4-0"], "--seeds 4-0 has 4-0, which begins with the larger number"),
    (["learn", "@tomita_4", "--seeds", "0-9999999"], "more than 1,000,000 numbers"),
    (["learn", "@tomita_4", "--seeds", "9" * 20], "is too large"),
    (["learn", "@tomita_4", "--seeds", "9" * 20 + "-" + "9" * 21], "has too large a number"),
    (["learn", "@tomita_4", "--layers", "99999"], "layers 99999 are too many"),
    (["learn", "@tomita_4", "--width", "999999999"], "width 999999999 is too large"),
    (["learn", "@tomita_4", "--width", "20000"], "width 20000 is too large"),
    (["learn", "@tomita_4", "--width", "9" * 23], "is too large"),
    (["learn", "@tomita_4", "--width", "8", "--parameters", "5000"], "both choose the size"),
    (["learn", "@tomita_4", "--parameters", "99999999999999"], "are too many"),
    (["learn", "@tomita_4", "--parameters", "5000", "--model", "m:f"], "its factory alone knows"),
    (["learn", "@tomita_4", "--model", ""], "model '' there is no such network"),
    (["learn", "@tomita_4", "--model", "fac.py:good"], "names a file"),
    (["learn", "@tomita_4", "--layers", "0"], "below 1"),
    (["learn", "@tomita_4", "--lr", "0"], "not positive"),
    (["learn", "@tomita_4", "--lr", "nan"], "not a number"),
    (["learn", "@tomita_4", "--lr", "inf"], "learning rate inf is not finite"),
    (["learn", "@tomita_4", "--lr", "a"], "not a list of numbers"),
    (["learn", "@tomita_4", "--init", "built:x"], "no way to begin"),
    (["learn", "@parity", "--init", "built"], "star-free"),
    (["learn", "@tomita_4", "--init", "built", "--model", "lstm"], "no built weights"),
    (["learn", "@tomita_4", "--init", "built", "--width", "8"], "have the size that they have"),
    (["learn", "@tomita_4", "--init", "built", "--parameters", "800"], "have the size that they have"),
    (["learn", "@tomita_4", "--init", "built", "--layers", "2"], "have the size that they have"),
    (["learn", "@tomita_4", "--runs", "/proc/x"], "cannot be made"),
    (["learn", "@tomita_4", "--parameters", "3"], "fewer than"),
    (["learn", "@c_comment", "--as-published"], "not among the published"),
    (["reproduce", "paper", "--only", "@c_comment"], "not in this experiment"),
    (["learn", "@tomita_4", "--device", "cuda"], "not one that torch finds here"),
    (["report", "nowhere"], "holds no results"),
]


@pytest.mark.parametrize(
    ("arguments", "why"), MISTAKES, ids=lambda part: " ".join(part) if isinstance(part, list) else ""
)
def test_mistakes_are_told_in_one_line(
    arguments: list[str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "learn":
        arguments = [*arguments[:1], *SHORT, "--workers", "1", *arguments[1:]]  # the last of an option counts
    assert main([*arguments, "--json"]) in (1, 2)
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    error = json.loads(shown.out)["error"]
    assert why in f"{error['what']} {error['why']}"
    assert all(error[part] for part in ("what", "why", "do"))


def test_advice_is_about_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    for option, value, advice in (
        ("--lr", "a", "0.001,0.003"),
        ("--window", "5", "Write such as 1-50."),
        ("--seeds", "4-0", "Write 0-4."),
        ("--bins", "9-12", "Begin the bins with 1-8."),
    ):
        assert main(["learn", "@tomita_4", *SHORT, option, value]) == 2
        assert advice in capsys.readouterr().err


def test_a_loss_that_is_no_number_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["learn", "(a|b)*a", *SHORT, "--seeds", "0", "--lr", "1e38", "--width", "8", "--workers", "1"]
    arguments += ["--runs", str(tmp_path)]
    assert main([*arguments, "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["run"]["status"] == "nan"
    assert run["curve"][-1]["loss"] is None
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "the loss was no number with seeds 0" in shown
    assert "Per cent" not in shown


def test_what_is_given_twice_is_trained_once() -> None:
    jobs = jobs_for(["a*", "a*"], models=["gru", "gru"], layers=(1, 1), seeds=(0, 1, 0), bins=((1, 50),))
    assert [job.seed for job in jobs] == [0, 1]
    twice = (0.1, 0.1)
    assert len(jobs_for("a*", seeds=(0,), learning_rates=twice, bins=((1, 50),))) == 1


def test_many_jobs_are_announced(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    monkeypatch.setattr("starfree.learning.learn.learn_jobs", stop)
    for seeds, said in (("0-9999", "10,000 jobs\n"), ("0-49", "")):
        assert main(["learn", "@tomita_4", "--seeds", seeds]) == 70
        assert capsys.readouterr().err.startswith(said or "Traceback")


def test_learn_says_where_models_are_and_what_the_middle_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["learn", "a*b", *SHORT, "--width", "8", "--workers", "1", "--runs", str(tmp_path), "--seeds"]
    assert main([*arguments, "1"]) == 0
    alone = capsys.readouterr().out
    assert "of the two" not in alone
    place = alone.splitlines()[-1].removeprefix("models: ")
    assert starfree.open_model(place).layers == 1
    assert main([*arguments, "1,2"]) == 0
    both = capsys.readouterr().out
    assert "of the two" in both
    assert both.splitlines()[-1] == f"models: {place} and 1 other beside it"


def test_built_weights_have_their_own_size(tmp_path: Path) -> None:
    (record,) = learn(
        "(ab)*", seeds=(0,), runs=tmp_path, init="built", learning_rates=(1e-9,), **QUICK
    ).records
    built = starfree.build("(ab)*", target="mamba", task="predict")
    assert record.run.width == built.config["hidden_size"] != 32
    assert (record.run.layers, record.run.parameters) == (built.layers, built.parameters)


def test_a_bar_is_drawn_for_what_trains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["learn", "a*b", *SHORT, "--model", "nowhere:factory", "--workers", "1"]
    assert main([*arguments, "--runs", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("starfree: model nowhere:factory: cannot be imported")


def test_a_study_is_one_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = [
        "study",
        "(ab)*",
        "--seeds",
        "0",
        "--model",
        "mamba",
        "--steps",
        "10",
        "--runs",
        str(tmp_path),
    ]
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    page = Path(document["page"]).read_text("utf-8")
    for title in (
        "Decided",
        "Built and proved",
        "As a program",
        "What training gets wrong",
        "Where it fails",
    ):
        assert title in page
    assert "the language, at every length" in page
    assert "diagonal-nonnegative" in Path(document["table"]).read_text("utf-8")


def test_the_card_of_a_trained_network_claims_nothing(tmp_path: Path) -> None:
    found = learn("@parity", models=["mamba"], width=8, seeds=(0,), runs=tmp_path, **QUICK)
    card = (tmp_path / "models" / found.jobs[0].id / "README.md").read_text("utf-8")
    assert "- trained\n" in card
    assert "# A Mamba trained on `@parity`" in card
    assert "| learning_rate | 0.003 |" in card
    for claim in ("by-construction", "without training", "every length", "This model is"):
        assert claim not in card


def test_jobs_are_run_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = {"language": "(ab)*", "words": 20, "test_words": 5, "steps": 10, "evaluate_every": 10, "seed": 7}
    job |= {"window": [1, 8], "bins": [[1, 8], [9, 12]], "width": 8}
    file = tmp_path / "jobs.txt"
    file.write_text(json.dumps(job) + "\n\n" + json.dumps({**job, "seed": 8}) + "\n")
    asked = ["reproduce", "paper", "--jobs", str(file), "--runs", str(tmp_path), "--workers", "1", "--json"]
    assert main(asked) == 0
    assert [each["run"]["seed"] for each in json.loads(capsys.readouterr().out)["runs"]] == [7, 8]
    assert main(["reproduce", "paper", "--jobs", str(file), "--list"]) == 0
    assert [json.loads(line)["seed"] for line in capsys.readouterr().out.splitlines()] == [7, 8]
    for text, said in (
        ("", "holds no jobs"),
        ("[1]", "line 1"),
        ('{"language": 3}', "another type"),
        ("{", "line 1"),
    ):
        file.write_text(text)
        assert main(["reproduce", "paper", "--jobs", str(file), "--runs", str(tmp_path)]) == 2
        assert said in capsys.readouterr().err


def test_the_jobs_of_the_paper_are_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "paper", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["jobs"]
    assert [job_from_json(job) for job in listed] == smoke_jobs()
    assert {job.language for job in smoke_jobs()} == set(LANGUAGES)
    assert {job.seed for job in smoke_jobs()} == set(SEEDS)
    jobs = full_jobs()
    others = {"@flip_flop", "@bounded_dyck_8_10"}
    assert {job.language for job in jobs} == {f"@{one.name}" for one in PUBLISHED} | others
    assert all(name in starfree.catalog for name in {job.language[1:] for job in jobs})
    assert {job.layers for job in jobs} >= {1, 2, 3}
    assert {job.source for job in jobs if job.language in others} == {"ffl", "nested"}
    for job in jobs:
        assert job.bins[0] == job.window, job
        assert all(first[1] < second[0] for first, second in zip(job.bins, job.bins[1:], strict=False))


@pytest.mark.parametrize(
    ("language", "source", "window", "measure"),
    [("@flip_flop", "ffl", (16, 16), READS), ("@bounded_dyck_8_10", "nested", (1, 20), CLOSES)],
)
def test_flip_flop_and_bounded_dyck_have_words_of_their_own(
    language: str, source: str, window: tuple[int, int], measure: str, tmp_path: Path
) -> None:
    """With their own measures: weights by construction have all of it right, untrained ones do not."""
    about = {
        **QUICK,
        "source": source,
        "window": window,
        "bins": (window, (window[1] + 1, 2 * window[1])),
        "steps": 1,
    }
    if source == "nested":
        found = learn(language, width=8, seeds=(0,), runs=tmp_path, **about)
        assert [each.lo for each in found.records[0].bins] == [1, 21]
        model = {**about, "head": "next", "steps": 200, "evaluate_every": 50, "words": 5_000}
        learned = learn(language, learning_rates=(0.01,), seeds=(0,), runs=tmp_path, **model).records[0]
        assert 1.0 < learned.curve[-1].loss < learned.curve[0].loss < 3.2  # nats; log 17 is 2.83
        mass = learned.bins[0].extra["measures"][MASS]
        assert 0.5 < mass["right"] / mass["n"] <= 1
    else:
        built = {**about, "init": "built", "learning_rates": (1e-30,)}
        found = learn(language, seeds=(0,), runs=tmp_path, **built)
        assert [each.extra["name"] for each in found.records[0].bins] == [
            "16, p = 0.8",
            "16, p = 0.98",
            "32, p = 0.8",
        ]
        for each in found.records[0].bins:
            assert each.words_right == each.words
            assert each.extra["measures"][measure]["right"] == each.extra["measures"][measure]["n"] > 0
        found = learn(language, width=8, seeds=(0,), runs=tmp_path, **about)
    counted = found.records[0].bins[0].extra["measures"][measure]
    assert 0 <= counted["right"] < counted["n"]
    starfree.report(tmp_path)
    with pytest.raises(BadInput, match="has no words of"):
        learn("@parity", seeds=(0,), runs=tmp_path, **about)


def test_widths_match_a_budget() -> None:
    for name in MODELS:
        width = width_for(name, 6, layers=2, parameters=20_000)
        sizes = [
            abs(make(name, 6, layers=2, width=near, seeds=[0]).parameters_each - 20_000)
            for near in (width - 4, width, width + 4)
        ]
        assert min(sizes) == sizes[1]
        assert sizes[1] < 2_500


def test_every_network_has_its_families() -> None:
    ids = {family.id for family in ALL_FAMILIES}
    assert set(FAMILIES) == set(MODELS)
    assert all(set(families) <= ids for families, _ in FAMILIES.values())


def made_up(language: str, model: str, seed: int, right: int, ends: int) -> Record:
    job = replace(smoke_jobs()[0], language=language, model=model, seed=seed)
    run = Run(
        job.id, language, "predict", model, 1, 32, 1, job.to_json(), seed, "finished", 1, 1, 1.0, {}, None, ""
    )
    late = {"right": 25, "n": 50}
    baselines = {"majority": {"words": 0, "positions": 0, "end": 500, ENDS: late}}
    measured = {"baselines": baselines, "measures": {ENDS: late}}
    bins = tuple(BinResult(job.id, place, 1, 2, 100, right, 1000, 0, ends, measured) for place in range(3))
    return Record(run, 1, bins, ())


def test_hypotheses_are_judged_by_the_longest_bin() -> None:
    def outcomes(records: list[Record]) -> dict[str, bool | None]:
        return {each.text.split(":")[0].split(" is ")[0]: each.held for each in hypotheses(records)}

    assert set(outcomes([]).values()) == {None}
    held = [made_up("@d_2", "mamba", seed, right, 0) for seed, right in enumerate([100, 100, 99, 0, 10])]
    assert outcomes(held)["@d_2"] is True
    failed = [made_up("@d_2", "mamba", seed, right, 0) for seed, right in enumerate([100, 100, 98, 0, 10])]
    assert outcomes(failed)["@d_2"] is False
    texts = hypotheses([made_up("@parity", "mamba", 0, 1, 510), made_up("@parity", "mamba-signed", 0, 99, 0)])
    assert [each.held for each in texts[-4:]] == [True, True, True, True]
    texts = hypotheses([made_up("@parity", "mamba", 0, 2, 600), made_up("@parity", "mamba-signed", 0, 98, 0)])
    assert [each.held for each in texts[-4:]] == [False, False, True, False]


def test_the_store_of_learn_says_what_it_is(tmp_path: Path) -> None:
    (record,) = learn("a*b", width=8, seeds=(4,), runs=tmp_path, **QUICK).records
    assert record.run.task == "predict"
    assert record.run.versions["torch"]
    assert job_from_json(record.run.config).id == record.run.id
    assert Store.open(tmp_path).finished_ids() == {record.run.id}


def test_the_shortest_error_is_found(tmp_path: Path) -> None:
    """Beside a slow search; and none is found in weights by construction."""
    short = {"strategies": ["short words"], "max_states": 1000}
    built = starfree.build("@d_2", target="mamba", task="predict")
    assert not starfree.refute(built, "@d_2", **short).refuted
    found = learn("@parity", models=["mamba", "lstm"], width=8, seeds=(0,), runs=tmp_path, **QUICK)
    for job in found.jobs:
        model = starfree.open_model(tmp_path / "models" / job.id)
        parity = starfree.load("@parity")
        prefix = starfree.refute(model, parity, **short).findings[0].words[0]
        assert model.legal_sets(prefix)[-1] != parity.legal_after(prefix)
        for length in range(len(prefix)):
            for word in product("01", repeat=length):
                assert model.legal_sets(word)[-1] == parity.legal_after(word)


def test_holds_are_what_reading_on_says(tmp_path: Path) -> None:
    language = starfree.load("@tomita_7")
    found = learn("@tomita_7", width=8, seeds=(0,), runs=tmp_path, **QUICK)
    model = starfree.open_model(tmp_path / "models" / found.jobs[0].id)
    kept = holds(model, language.dfa, length=40)
    assert [(hold.prefix, hold.symbol) for hold in kept] == [
        ((), "0"),
        (("1",), "1"),
        (("1", "0"), "0"),
        (("1", "0", "1"), "1"),
    ]
    assert any(hold.kept is not None for hold in kept)
    for hold in kept:
        right = language.legal_after(hold.prefix)
        said = model.legal_sets([*hold.prefix, *[hold.symbol] * 40])[len(hold.prefix) :]
        wrong = [place for place, legal in enumerate(said) if legal != right]
        assert hold.kept == (wrong[0] if wrong else None)


@pytest.mark.parametrize("missing", ["torch", "matplotlib"])
def test_what_is_not_installed_is_said_before_anything_is_trained(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("starfree.errors.find_spec", lambda name: None if name == missing else object())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingDependency, match=f"{missing} is not installed"):
        starfree.reproduce("paper", only=["@parity"])
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes in /proc")
def test_an_interrupt_leaves_no_process_and_loses_nothing(tmp_path: Path) -> None:
    options = "--seeds 0-5 --window 1-14 --bins 1-14 --words 500 --test-words 50 --workers 2"
    command = [sys.executable, "-m", "starfree", "learn", "@parity", "--runs", str(tmp_path)]
    command += options.split()
    started = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not list(tmp_path.glob("checkpoints/*.pt")):
        assert started.poll() is None
        time.sleep(0.1)
    workers = children(started.pid)
    assert len(workers) >= 2
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "Run it again: it goes on." in said
    assert "Traceback" not in said
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline, "a worker went on"
        time.sleep(0.1)
    assert list(tmp_path.glob("checkpoints/*.pt"))


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def test_published_runs_say_what_they_trained_on(tmp_path: Path) -> None:
    about = {"steps": 2, "evaluate_every": 2, "workers": 1, "source": "as-published"}
    (record,) = learn("@ab_d_bc", width=8, seeds=(0,), runs=tmp_path, **about).records
    assert record.run.config["window"] == [2, 50]
    assert record.run.config["words"] == 10_000
    assert record.bins[0].words == 2_000

"""Each verb: its document, its text, its exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import starfree
from starfree.cli import main
from starfree.cli.screen import Screen, runs
from starfree.languages import parse_word


def document(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    """Return the one JSON document of a verb that ends with the given status."""
    assert main([*arguments, "--json"]) == status
    shown = capsys.readouterr()
    assert shown.err == ""
    return json.loads(shown.out)


def text(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """Return what a verb prints for people when it ends with the given status."""
    assert main(list(arguments)) == status
    return capsys.readouterr().out


def test_decide_prints_the_documents_of_python(capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "decide", "(aa)*")
    assert shown == json.loads(json.dumps(starfree.decide("(aa)*").to_json()))
    assert set(shown) == {"language", "task", "target", "algebra", "verdicts"}
    assert shown["language"] == {"spec": "(aa)*", "kind": "regular", "alphabet": ["a"], "states": 2}
    assert shown["algebra"]["monoid_size"] == 2


def test_decide_has_a_line_for_every_family_and_the_witness(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "decide", "(aa)*")
    for verdict in starfree.decide("(aa)*"):
        line = next(line for line in shown.splitlines() if line.startswith(f"{verdict.family} "))
        assert line.split()[1:3] == [verdict.expressible, verdict.arithmetic]
    assert "\n  u = ε\n  v = ⟨a⟩\n  w = ε\n  however large n is, " in shown
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["(aa)*", "--family", "diagonal-nonnegative"], 1),
        (["(ab)*", "--family", "diagonal-nonnegative"], 0),
        (["(aa)*", "--family", "time-invariant-unit"], 0),
        (["(ab)*", "--family", "transformer-softmax-fixed", "--task", "predict"], 0),
        (["(ab)*", "--family", "transformer-softmax-fixed"], 1),
        (["(aa)*"], 0),
    ],
)
def test_decide_ends_as_its_verdicts_say(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = document(capsys, "decide", *arguments, status=status)
    assert len(shown["verdicts"]) == (1 if "--family" in arguments else 17)


def test_decide_says_unknown_when_a_budget_runs_out(capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "decide", "@d_12", "--timeout", "0.000001", status=3)
    if "error" in shown:
        assert shown["error"]["kind"] == "budget"
    else:
        assert "unknown" in {verdict["expressible"] for verdict in shown["verdicts"]}


def test_build_run_prove_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, proof = str(tmp_path / "tcp"), str(tmp_path / "tcp" / "proof.json")
    for more in ([], ["--shift"]):
        built = document(capsys, "build", "@tcp", "--out", folder, *more)
        assert built["shift"] is bool(more)
        assert built["directory"] == folder
        proved = document(capsys, "prove", folder, "@tcp", "--certificate", proof)
        assert proved["proved"] is True
        assert document(capsys, "check", proof, "@tcp")["accepted"] is True
        word = "active-open rcv-syn-ack close rcv-ack rcv-fin timeout"
        ran = document(capsys, "run", folder, word)
        assert ran["accepted"] is True
        assert len(ran["legal"]) == 7
        assert ran["legal"][0] == {"symbols": ["active-open", "passive-open"], "end": True}
        assert document(capsys, "run", folder, "timeout", status=1)["legal"][1] == {
            "symbols": [],
            "end": False,
        }
    assert "accepted" in text(capsys, "run", folder, word)
    assert "rejected" in text(capsys, "run", folder, "timeout", status=1)
    assert "proved" in text(capsys, "prove", folder, "@tcp")
    assert text(capsys, "check", proof).startswith("accepted")


def test_prove_gives_a_shortest_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "model")
    starfree.build("(ab)*").save(folder)
    shown = document(capsys, "prove", folder, "(ab)*&~(ababab)", status=1)
    assert shown["word"] == "ababab"
    assert "⟨ababab⟩, a shortest such word" in text(capsys, "prove", folder, "(ab)*&~(ababab)", status=1)


def test_prove_stops_at_its_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "model")
    starfree.build("@d_4").save(folder)
    shown = document(capsys, "prove", folder, "@d_4", "--max-states", "20", status=3)
    assert shown["error"]["kind"] == "budget"


def test_sample_draws_words(capsys: pytest.CaptureFixture[str]) -> None:
    language = starfree.load("(a|b)*a")
    arguments = ("sample", "(a|b)*a", "--length", "9", "--number", "20", "--seed", "4")
    shown = document(capsys, *arguments)
    assert len(shown["words"]) == 20
    assert all(len(word) == 9 and word in language for word in shown["words"])
    assert text(capsys, *arguments).splitlines() == shown["words"]
    near = document(capsys, *arguments, "--near", "2")
    assert len(near["words"]) == 20
    assert not any(word in language for word in near["words"])
    assert document(capsys, *arguments)["words"] != document(capsys, *arguments[:-1], "5")["words"]
    assert main([*arguments[:-4], "--length", "0", "--near", "1"]) == 2


def test_sample_says_when_there_is_no_near_miss(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", "(a|b)*", "--length", "3", "--number", "4", "--near", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "no near miss of 4 words" in shown.err


def test_languages_lists_what_can_be_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    listed = document(capsys, "languages")["languages"]
    shown = text(capsys, "languages")
    assert len(listed) >= 40
    for entry in listed:
        assert f"@{entry['name']} " in shown
        assert starfree.load(f"@{entry['name']}").alphabet


def test_show_has_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "show", "(ab)*")
    assert shown["automaton"]["table"] == [[1, 2], [2, 0], [2, 2]]
    assert shown["monoid"]["size"] == 6
    elements = [
        word for box in shown["monoid"]["egg_boxes"] for row in box["rows"] for cell in row for word in cell
    ]
    assert sorted(elements) == ["", "a", "aa", "ab", "b", "ba"]
    idempotents = [word for box in shown["monoid"]["egg_boxes"] for word in box["idempotents"]]
    assert sorted(idempotents) == ["", "aa", "ab", "ba"]
    assert shown["cascade"]["levels"] == len(shown["cascade"]["cells"]) == 2
    assert sum(len(layer["cells"]) for layer in shown["layers"]) >= 2
    written = text(capsys, "show", "(ab)*")
    assert all(part in written for part in ("automaton", "monoid", "cascade", "ssm", "when (old values)"))


def test_show_says_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "show", "@a_5")
    assert shown["cascade"] is None
    assert shown["layers"] is None
    assert "a group of the language is not solvable" in text(capsys, "show", "@a_5")
    shown = document(capsys, "show", "(aa)*")
    assert shown["cascade"]["cells"] == [{"size": 2, "rules": [{"symbols": ["a"], "when": [], "add": 1}]}]
    assert all(part in text(capsys, "show", "(aa)*") for part in ("with rotors", "add 1", "signed"))
    shown = document(capsys, "show", "@d_12", "--max-elements", "100", status=3)
    assert shown["monoid"] == {"size": None, "egg_boxes": None}
    assert "--max-elements" in shown["stopped"]


@pytest.mark.parametrize(
    "spec",
    ["@json_number", "@tcp", "@uuid", "@d_12", "@brackets_8", "@mod_3", "()", "~()&()", "[^a]&a", "[ \t]*"],
)
def test_show_fits_any_language(
    spec: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = text(capsys, "show", spec)
    assert "automaton" in shown
    assert "\t" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert max(map(len, text(capsys, "decide", spec).splitlines())) <= 80


def test_show_says_things_once(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "show", "@json_number")
    assert "  rank 3, 1 x 1, not regular, 3 classes\n    ⟨-⟩  ⟨-0⟩  ⟨-1⟩\n" in shown
    ranks = [int(line.split()[1].rstrip(",")) for line in shown.splitlines() if line.startswith("  rank ")]
    assert ranks == sorted(ranks, reverse=True)
    assert "c0  level 1, 5 values: 0: {q0}  1: {q1," in shown
    assert "layer 1  c0, old and new\n" in shown
    assert "state size 8" in shown
    assert "layer 2  c1, bit 0; c1, bit 1\n" in text(capsys, "show", "@tcp")
    assert "level 2: {" not in text(capsys, "show", "@tcp")


def test_runs_can_be_read_back() -> None:
    assert runs(parse_word("aaaab", "ab")) == "a^4b"
    assert runs(["0"] * 5 + ["1"]) == "0^5 1"
    assert runs(["go"] * 4 + ["stop"]) == "go^4 stop"
    assert runs([" ", "\n"]) == "␣\\n"


def test_sets_break_between_their_members() -> None:
    sets = "|".join(f"{{q{number},q{number + 1}}}" for number in range(10, 30))
    lines = Screen(60).wrap(f"c0: {sets}").splitlines()
    assert "".join(line.replace("c0:", "").strip() for line in lines) == sets
    assert all(line[-1] in "|,:}" and len(line) <= 60 for line in lines)
    rows = Screen(60).table([["word " * 20, "x" * 10, "word " * 20]]).splitlines()
    assert max(map(len, rows)) <= 60
    assert " ".join(rows).split().count("word") == 40


def test_tables_wrap_their_last_column() -> None:
    shown = Screen(60).table([["name", "word " * 20]], head=["a", "b"])
    lines = shown.splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= 60
    assert all(line.startswith(" " * 6) for line in lines[2:])


def test_decide_says_what_a_no_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "decide", "@a_5")
    assert shown.count("no, if TC0 ≠ NC1") == 2
    assert "LOGP: logarithmically many bits" in shown
    assert "TC0" not in text(capsys, "decide", "@parity")


def test_a_model_names_its_family(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "decide", "(aa)*", "--family", "mamba", status=1)
    assert "\ndiagonal-nonnegative  no" in shown
    assert all(part in shown for part in ("\nmodels   Mamba, ", "\ntheorem  ", "\nsource   arXiv:2405.17394"))
    assert starfree.decide("(aa)*")["Griffin"].family == "diagonal-nonnegative"
    for name, says in (("s4", "several"), ("bamba", "mamba")):
        assert main(["decide", "a", "--family", name]) == 2
        assert says in capsys.readouterr().err
    assert main(["decide", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n    {verdict.family} " in shown for verdict in starfree.decide("a"))


def test_decide_writes_a_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificate.json"
    arguments = ("--certificate", str(path))
    text(capsys, "decide", "(aa)*", "--family", "mamba", *arguments, status=1)
    assert json.loads(path.read_text()) == starfree.decide("(aa)*")["mamba"].certificate
    assert document(capsys, "check", str(path), "(aa)*")["accepted"] is True
    path.unlink()
    for more in ([], ["--family", "ssm-log-precision"]):  # none named; open
        assert main(["decide", "(aa)*", *more, *arguments]) == 2
        assert not path.exists()


def test_check_does_not_state_what_it_rejects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(starfree.decide("(““)*")["mamba"].certificate))
    claim = "In FIX, diagonal-nonnegative cannot recognise `(““)*`."
    assert text(capsys, "check", str(path)).splitlines()[1] == claim
    shown = text(capsys, "check", str(path), "(““““)*", status=1)
    assert shown.startswith("rejected: ")
    assert shown.splitlines()[1] == f"the claim was: {claim}"


def test_spaces_in_words_are_symbols(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "model")
    starfree.build("(ab)*").save(folder)
    assert main(["run", folder, "a b a b"]) == 2
    starfree.build("(a b)*").save(folder)
    assert "␣" in text(capsys, "run", folder, "a ba b")
    assert main(["run", folder, "ab"]) == 1


def test_a_difference_before_any_symbol_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "model")
    starfree.build("[a-f]*").save(folder)
    shown = text(capsys, "prove", folder, "[a-f]+", status=1)
    assert "they differ before any symbol." in shown
    assert "a-f END" in shown


def test_a_refusal_names_what_its_witness_is_against(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = text(capsys, "build", "(aa)*", "--out", str(tmp_path / "model"), status=1)
    assert shown.startswith("witness against diagonal-nonnegative:\n  u = ε\n  v = ⟨a⟩\n  w = ε\n")


def test_a_number_has_a_short_name(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("sample", "(a|b)*", "--length", "5")
    assert text(capsys, *arguments, "-n", "3") == text(capsys, *arguments, "--number", "3")

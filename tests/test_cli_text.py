"""What people read: words, legends, notes, lists that are cut, and marks unlike any symbol."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import starfree
from starfree.cli import main
from starfree.cli.automaton_view import legal_text
from starfree.errors import BadInput
from starfree.languages.notation import bracketed, listed, symbol_ranges
from starfree.verdicts.families import FAMILIES, Family, family_named
from starfree.verdicts.spelling import word_text


def text(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """Return what a verb prints for people when it ends with the given status."""
    assert main(list(arguments)) == status
    return capsys.readouterr().out


def notes_shown(shown: str) -> str:
    """Return the notes of the block about a family, as one line."""
    return " ".join(shown.partition("\nnotes  ")[2].split())


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: str(family.id))
def test_notes_of_a_family_are_shown(family: Family, capsys: pytest.CaptureFixture[str]) -> None:
    [verdict] = starfree.decide("a", family=family.id).to_json()["verdicts"]
    assert verdict["notes"] == list(family.notes)
    main(["decide", "a", "--family", family.id])
    assert notes_shown(capsys.readouterr().out) == " ".join(f"- {note}" for note in family.notes)


def test_a_model_that_is_idealised_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Mamba-3 as shipped decays" in notes_shown(text(capsys, "decide", "a", "--family", "mamba-3"))


def test_all_families_together_say_where_the_theorems_are(capsys: pytest.CaptureFixture[str]) -> None:
    last = "--family F shows the models, theorem, source and notes of one family."
    assert text(capsys, "decide", "a").splitlines()[-1] == last
    assert "--family" not in text(capsys, "decide", "a", "--family", "rnn")


@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_a_symbol_that_is_not_legal_is_marked_and_rejects(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "model")
    model = starfree.build("(ab)*", task=task)
    model.save(folder)
    lines = text(capsys, "run", folder, "abb", status=1).splitlines()
    assert [("not legal here" in line) for line in lines] == [False, False, False, False, True, False]
    assert lines[-1] == "rejected"
    assert main(["run", folder, "abb", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["accepted"] is False
    assert [model.accepts(word) for word in ("", "ab", "abb", "a", "bab", ["a", "b"])] == [
        *(True, True, False, False, False, True)
    ]
    assert "not legal" not in text(capsys, "run", folder, "abab")


def test_a_long_run_counts_the_rows_it_leaves_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "model")
    starfree.build("(ab)*").save(folder)
    lines = text(capsys, "run", folder, "ab" * 30 + "b" + "a" * 99, status=1).splitlines()
    left = [int(line.split()[1]) for line in lines if line.split()[0] == "..."]
    rows = [line for line in lines if line.split()[0].isdigit()]
    assert len(left) == 2
    assert sum(left) + len(rows) == 161
    assert next(line for line in rows if "not legal here" in line).split()[0] == "61"


def test_words_stand_between_brackets() -> None:
    assert bracketed([]) == "ε"
    assert bracketed('",') == '⟨",⟩'
    assert bracketed("aaaa^") == "⟨aaaa^⟩"  # where ^ is a symbol it is no power
    assert bracketed(["up"] * 4 + ["down"]) == "⟨up^4 down⟩"
    assert bracketed("ab" * 50, 10) == "⟨ababababab…⟩ (100 symbols)"
    assert bracketed(["close", "open"] * 50, 10) == "⟨close open …⟩ (100 symbols)"


def test_straight_line_words_say_their_length_when_they_are_cut() -> None:
    steps: list[list[object]] = [["sym", "a"], ["sym", "b"], ["mul", 0, 1]]
    steps += [["mul", number, number] for number in range(2, 22)]
    assert word_text({"steps": steps}, 10) == "⟨ababababab…⟩ (2,097,152 symbols)"
    assert word_text({"steps": [*steps[:3], ["pow", 2, 7], ["mul", 3, 0]]}) == "⟨⟨ab⟩^7a⟩"
    assert word_text({"steps": [*steps[:3], ["pow", 2, 0]]}) == "ε"
    assert word_text({"steps": [["sym", "a"], ["pow", 0, 9], ["pow", 1, 2]]}) == "⟨⟨a^9⟩^2⟩"


def test_because_writes_words_like_the_witness() -> None:
    because = starfree.decide("@csv_row")["mamba"].because
    assert because.startswith('With u = ⟨"⟩, v = ⟨"⟩, w = ε: u v^n w is ')


def test_lists_are_cut_between_items_and_count_the_rest() -> None:
    assert listed(["passive-open", "close", "send"], 18) == "passive-open close and 1 more"
    assert listed(["passive-open", "close"], 4) == "passive-open and 1 more"
    assert symbol_ranges([*"abcdefg", "0", "SYN", "ACK"], 5) == "a-g 0 and 2 more"
    assert symbol_ranges([*"xz", *"abcdefg"], 3) == "x z and 7 more"
    many = [f"s{number}" for number in range(500)]
    shown = legal_text(frozenset(many), many)
    assert len(re.findall(r"\bs\d+\b", shown)) + int(shown.split()[-2]) == 500


def test_no_list_of_symbols_is_cut_in_an_item(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for verb in ("show", "decide"):
        shown = " ".join(text(capsys, verb, "@tcp").split())
        assert f"over {' '.join(starfree.load('@tcp').alphabet)} " in shown
        assert "…" not in shown
    shown = text(capsys, "show", "@tcp")
    assert "\n   q3            q0  close\n                 q4  rcv-syn\n" in shown
    assert "\nall else leads to q2\n" in shown


def test_errors_of_run_show_the_whole_alphabet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for spec in ("@tcp", "@json_number"):
        model = starfree.build(spec)
        model.save(tmp_path / spec)
        assert main(["run", str(tmp_path / spec), "x"]) == 2
        assert f"Use only: {symbol_ranges(model.alphabet)}" in capsys.readouterr().err


def test_idempotents_have_a_mark_with_a_legend(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "show", "(a\\*)*")
    assert "\n    ⟨*⟩    ⟨*a⟩●\n    ⟨a*⟩●  ⟨a⟩\n" in shown
    legend = "●: idempotent; rows x columns: R- x L-classes; regular: has an idempotent"
    assert legend in shown.splitlines()


@pytest.mark.parametrize("spec", ["(ab)*", "@json_number", "@tcp", "@s_3"])
def test_every_class_is_regular_or_not(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    heads = [line for line in text(capsys, "show", spec).splitlines() if line.startswith("  rank ")]
    assert heads
    assert all(re.fullmatch(r"  rank \d+, \d+ x \d+, (not )?regular(, \d+ classes)?", head) for head in heads)
    assert main(["show", spec, "--json"]) == 0
    boxes = json.loads(capsys.readouterr().out)["monoid"]["egg_boxes"]
    regular = sum(int((re.findall(r"(\d+) classes", h) or ["1"])[0]) for h in heads if ", not " not in h)
    assert regular == sum(box["regular"] for box in boxes)


def test_a_cascade_has_a_legend_and_named_values(capsys: pytest.CaptureFixture[str]) -> None:
    shown = text(capsys, "show", "(ab)*")
    assert "\nEvery cell starts at 0. No rule fires: it holds. No row fits: nothing is legal.\n" in shown
    assert "\nIn braces: the states that a value leaves of the largest set that is divided.\n" in shown
    assert "c0  level 1, 2 values: 0: {q0,q2}  1: {q1,q2}\n" in shown
    assert "\n   q0  accepts  q1  q2\n" in shown
    assert "2 values: 0: live  1: dead\n" in text(capsys, "show", "@json_number")
    assert "\xa0" not in text(capsys, "show", "@tcp")


def test_the_help_lists_every_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = text(capsys, "decide", "--help")
    assert max(map(len, shown.splitlines())) <= 80
    words = " ".join(shown.split())
    assert all(model in words for family in FAMILIES for model in family.models)


@pytest.mark.parametrize("name", ["RWKV-7", "rwkv7", "mamba-4", "S6", "HGRN3"])
def test_another_version_is_another_model(name: str) -> None:
    with pytest.raises(BadInput) as error:
        family_named(name)
    assert "Did you mean" not in str(error.value)


def test_a_name_that_only_the_notes_have_says_so() -> None:
    with pytest.raises(BadInput, match="The notes of deltanet-negative speak of it"):
        family_named("rwkv-7")


@pytest.mark.parametrize(
    ("name", "families"),
    [
        ("s4", ["time-invariant-decaying", "time-invariant-unit"]),
        ("Gated DeltaNet", ["deltanet", "deltanet-negative"]),
        ("transformer", [family.id for family in FAMILIES if family.id.startswith("transformer")]),
        ("linear RNN", ["permutation-diagonal"]),
    ],
)
def test_an_ambiguous_name_lists_the_candidates(name: str, families: list[str]) -> None:
    with pytest.raises(BadInput) as error:
        family_named(name)
    told = " or ".join(f"{family} ({family_named(family).phrase})" for family in families)
    assert error.value.do == f"Use {told}."


def test_phrases_tell_families_apart() -> None:
    assert len({family.phrase for family in FAMILIES}) == len(FAMILIES)


def test_decisions_and_verdicts_print_in_a_line() -> None:
    decision = starfree.decide("(aa)*")
    assert repr(decision) == "<Decision '(aa)*', recognise: 8 yes, 6 no, 3 open>"
    assert repr(decision["mamba"]) == "<Verdict diagonal-nonnegative: no (recognise, FIX)>"


def test_long_words_are_in_the_witness_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table, *_ = text(capsys, "decide", "@a_5").split("\n\nmonoid ")
    assert "a group of words that is not solvable, see the witness" in " ".join(table.split())
    assert not re.search("[ab]{9}", table)
    shown = text(capsys, "decide", "@a_5", "--family", "diagonal-complex", status=1)
    assert re.search(r"\n  g1 = ⟨\S+⟩\n  g2 = ⟨a\^10\S+⟩\n", shown)
    assert "these words permute 60 states" in shown


@pytest.mark.parametrize(("name", "said"), [("lang.txt", True), ("lang", False)])
def test_a_file_of_an_unknown_kind_is_named(
    name: str, said: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("0 1 a\n")
    assert main(["show", name]) == 0
    assert ("files are read from .att, .json, .py:name only" in capsys.readouterr().err) is said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--length 3 --near 1", "no near miss of 1 word: every word at distance 1 is in the language"),
        ("--length 30 --near 9", "found no near miss of 1 word at distance 1 to 9; there may be one"),
    ],
)
def test_sample_says_whether_all_near_words_were_tried(
    arguments: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sample", "(a|b)*", *arguments.split()]) == 0
    assert says in capsys.readouterr().err


def test_the_catalogue_writes_the_cycles(capsys: pytest.CaptureFixture[str]) -> None:
    shown = " ".join(text(capsys, "languages").split())
    assert "Word problem of S_4: a is (1 2), b is (1 2 3 4)." in shown
    assert "Word problem of A_4: a is (1 2 3), b is (2 3 4)." in shown
    assert "..." not in shown


@pytest.mark.parametrize("terminal", [True, False])
def test_errors_are_wrapped_on_a_terminal_only(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert main(["decide", "a", "--family", "transformer"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert (max(map(len, lines)) <= 80, len(lines) > 1) == (terminal, terminal)

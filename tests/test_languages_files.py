"""Automata in files: AT&T text, JSON, Python; and `load`, which reads any of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import count
from expressions import all_words

import starfree
from starfree.errors import BadInput, BudgetExceeded, StarfreeError
from starfree.languages import (
    DFA,
    catalog,
    format_word,
    load,
    make_dfa,
    parse_alphabet,
    parse_att,
    parse_json,
    parse_word,
    read_att,
    read_json,
    regex,
    write_att,
    write_json,
)

NAMES = ["parity", "tcp", "json_string", "csv_row_curly", "d_0", "z_1", "s_3"]


def random_automaton(rng: np.random.Generator) -> tuple[int, list[tuple[int, str, int]], set[int]]:
    """Return states, transitions (the symbol `<eps>` among them) and accepting states."""
    n = int(rng.integers(1, 6))
    arcs = [
        (int(rng.integers(n)), str(rng.choice(["a", "b", "<eps>"], p=[0.4, 0.4, 0.2])), int(rng.integers(n)))
        for _ in range(int(rng.integers(1, 10)))
    ]
    return n, arcs, {q for q in range(n) if rng.random() < 0.4}


def accepts(arcs: list[tuple[int, str, int]], start: int, accepting: set[int], word: str) -> bool:
    """Run a nondeterministic automaton by following every path."""

    def closed(states: set[int]) -> set[int]:
        while more := {t for s, a, t in arcs if a == "<eps>" and s in states} - states:
            states = states | more
        return states

    states = closed({start})
    for symbol in word:
        states = closed({t for s, a, t in arcs if a == symbol and s in states})
    return bool(states & accepting)


def test_att_reads_any_automaton() -> None:
    rng = np.random.default_rng(31)
    nondeterministic = 0
    for _ in range(count(150, 2000)):
        _, arcs, accepting = random_automaton(rng)
        lines = [f"q{s}\tq{t}\t{a}\t{a}" for s, a, t in arcs] + [f"q{q}" for q in accepting]
        language = parse_att("\n".join(lines))
        alphabet = "".join(sorted({a for _, a, _ in arcs} - {"<eps>"}))
        assert "".join(language.alphabet) == alphabet
        for word in all_words(alphabet, 5):
            assert (word in language) == accepts(arcs, arcs[0][0], accepting, word)
        nondeterministic += len({(s, a) for s, a, _ in arcs}) < len(arcs)
    assert nondeterministic > 20


def test_json_reads_any_automaton() -> None:
    rng = np.random.default_rng(32)
    for _ in range(count(100, 1000)):
        n, arcs, accepting = random_automaton(rng)
        arcs = [arc for arc in arcs if arc[1] != "<eps>"]
        targets = [[[t for s, b, t in arcs if (s, b) == (q, a)] for a in "ab"] for q in range(n)]
        table = [[None if not c else c[0] if len(c) == 1 else c for c in row] for row in targets]
        document = {"format": "starfree-dfa", "alphabet": ["a", "b"], "start": 0}
        language = parse_json(json.dumps({**document, "accepting": sorted(accepting), "table": table}))
        for word in all_words("ab", 5):
            assert (word in language) == accepts(arcs, 0, accepting, word)


@pytest.mark.parametrize("name", NAMES)
def test_files_bring_every_symbol_and_word_back(name: str, tmp_path: Path) -> None:
    language = catalog[name]
    (tmp_path / "x.att").write_text(write_att(language), encoding="utf-8")
    (tmp_path / "x.json").write_text(write_json(language), encoding="utf-8")
    assert read_att(tmp_path / "x.att") == language
    assert read_json(tmp_path / "x.json") == language
    again = load(str(tmp_path / "x.json"))
    assert again == language
    assert again.alphabet == language.alphabet


def test_att_conventions() -> None:
    assert parse_att("5 6 a\n6 5 a\n5") == regex("(aa)*")
    assert parse_att("0 1 0\n1").alphabet == ("0",)
    assert parse_att("0 1 0\n1", epsilon="0") == regex("()")
    assert parse_att("0 1 a a\r\n1\r\n\r\n") == regex("a")
    assert parse_att("0\t1\t \t \n1") == regex(" ")
    assert parse_att("0\t1\ta\ta\t\n1\t") == regex("a")
    for epsilon in ("<eps>", "<epsilon>", "@0@"):
        assert parse_att(f"0 1 {epsilon}\n1 2 a\n2") == regex("a")
    assert parse_att("7") == regex("()")
    assert parse_att("0 0 a") == regex("~(.*)", "a")
    assert parse_att("0 1 SYN\n1 0 ACK\n0").alphabet == ("ACK", "SYN")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("0 1 a\n1 0.5", 2, "weight"),
        ("0 1 a a 0.5\n1", 1, "weight"),
        ("0 1 a 0.5\n1", 1, "weight"),
        ("0 1 a\n1 2 a b\n1", 2, "differs"),
        ("0 1 a\n\n0 1 a a 1 2", 3, "not a transition"),
        ("0\t1\t\ta", 1, "not a transition"),
    ],
)
def test_att_mistakes_name_the_line(text: str, line: int, part: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_att(text, name="x.att")
    assert f"x.att, line {line}:" in caught.value.what
    assert part in caught.value.why


def test_what_att_cannot_say() -> None:
    with pytest.raises(BadInput, match="no states"):
        parse_att("\n")
    with pytest.raises(BadInput, match="JSON"):
        write_att(make_dfa([], [[]], [False]))
    with pytest.raises(BadInput, match="Rename"):
        write_att(make_dfa(["<eps>"], [[0]], [True]))
    with pytest.raises(BadInput, match="Rename"):
        write_att(regex("\t"))


def document(**changes: Any) -> dict[str, Any]:
    base = {"format": "starfree-dfa", "alphabet": ["a"], "start": 0, "accepting": [0], "table": [[0]]}
    return {**base, **changes}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nests"),
        ("[]", "format"),
        (json.dumps(document(format="x")), "format"),
        (json.dumps(document(extra=1)), "'extra' is unknown"),
        (json.dumps({k: v for k, v in document().items() if k != "start"}), "'start' is missing"),
        (json.dumps(document(alphabet="a")), "alphabet"),
        (json.dumps(document(alphabet=["a", "a"], table=[[0, 0]])), "twice"),
        (json.dumps(document(alphabet=["a", "b c"], table=[[0, 0]])), "whitespace"),
        (json.dumps(document(table=[])), "table"),
        (json.dumps(document(table=[[0, 0]])), "entries"),
        (json.dumps(document(table=[[1]])), "not a state"),
        (json.dumps(document(table=[[[0, -1]]])), "not a state"),
        (json.dumps(document(table=[[True]])), "not a state"),
        (json.dumps(document(table=[["0"]])), "not a state"),
        (json.dumps(document(accepting=[1])), "not a state"),
        (json.dumps(document(accepting=0)), "accepting"),
        (json.dumps(document(start=None)), "not a state"),
    ],
)
def test_json_mistakes(text: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        parse_json(text)


def test_python_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import starfree\neven = starfree.regex('(aa)*')\nnumber = 3\n")
    assert load(f"{path}:even") == regex("(aa)*")
    with pytest.raises(BadInput, match="It has: even"):
        load(f"{path}:odd")
    with pytest.raises(BadInput, match="not a language"):
        load(f"{path}:number")
    path.write_text("1 / 0")
    with pytest.raises(BadInput, match="ZeroDivisionError"):
        load(f"{path}:even")
    path.write_text("raise SystemExit(0)")
    with pytest.raises(BadInput, match="SystemExit"):
        load(f"{path}:even")
    path.write_text("def f(:")
    with pytest.raises(BadInput, match="SyntaxError"):
        load(f"{path}:even")
    with pytest.raises(BadInput, match="does not exist"):
        load(f"{tmp_path}/none.py:even")


def test_load_reads_every_form(tmp_path: Path) -> None:
    (tmp_path / "x.att").write_text("0 1 a\n1 0 0\n0")
    assert load("@parity") == catalog["parity"]
    assert load("(ab)*") == regex("(ab)*")
    assert load("a", alphabet="ba").alphabet == ("b", "a")
    assert load("a", alphabet="SYN ACK").alphabet == ("SYN", "ACK", "a")
    assert load("a", alphabet=["x", "a"]).alphabet == ("x", "a")
    assert load(str(tmp_path / "x.att"), epsilon="0") == regex("a*")
    wide = load("@tomita_1", alphabet="2012"[:3])
    assert wide.alphabet == ("2", "0", "1")
    assert wide.dfa.same_words(catalog["tomita_1"])
    assert load("@tomita_1", alphabet="10").definition == "1*"
    assert starfree.load("@mod(3)").spec == "@mod_3"


def test_load_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "folder.att").mkdir()
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "x.att").write_text("0 1 a\n1")
    for spec, part in (
        (f"{tmp_path}/none.att", "does not exist"),
        (f"{tmp_path}/none.json", "does not exist"),
        (f"{tmp_path}/folder.att", "not a file"),
        (f"{tmp_path}/x.att/y.att", "not a file"),
        (f"{tmp_path}/bytes.json", "UTF-8"),
        ("\0.att", "cannot be read"),
        ("a" * 5000 + ".att", "cannot be read"),
        ("ltlf:G", "stops short"),
        ("pltl:G a", "looks ahead"),
        ("@nothing", "catalogue"),
        ("", "empty"),
    ):
        with pytest.raises(BadInput, match=part):
            load(spec)
    with pytest.raises(BadInput, match="'a', which is not in the alphabet"):
        load(f"{tmp_path}/x.att", alphabet="bc")
    with pytest.raises(BadInput, match="not in the alphabet"):
        load("@parity", alphabet="ab")
    with pytest.raises(BadInput, match="twice"):
        load("a", alphabet="aa")
    with pytest.raises(BadInput, match="AT&T"):
        load("a", epsilon="0")
    with pytest.raises(BudgetExceeded):
        load("(a|b)*a(a|b){9}", max_states=100)
    with pytest.raises(BudgetExceeded):
        load("(a|b)*a(a|b){22}", timeout=0.05, max_states=10**8)


def test_errors_say_three_things() -> None:
    with pytest.raises(StarfreeError) as caught:
        load("@paritty")
    assert caught.value.what == "@paritty"
    assert "@parity" in caught.value.do


def test_words_and_alphabets_as_text() -> None:
    assert parse_alphabet("'()+-") == ("'", "(", ")", "+", "-")
    assert parse_alphabet("open close x") == ("open", "close", "x")
    assert parse_alphabet("") == ()
    for alphabet in (("a", "b"), ("SYN", "ACK"), ("a", "bb"), (" ", "a")):
        rng = np.random.default_rng(33)
        for length in range(6):
            word = tuple(str(s) for s in rng.choice(alphabet, length))
            assert parse_word(format_word(word, alphabet), alphabet) == word
    assert parse_word("", ("SYN", "ACK")) == ()
    with pytest.raises(BadInput, match="symbol 2"):
        parse_word("ac", "ab")
    with pytest.raises(BadInput, match="single spaces"):
        parse_word("SYN  ACK", ("SYN", "ACK"))
    for bad in ("aba", "SYN ACK SYN"):
        with pytest.raises(BadInput, match="twice"):
            parse_alphabet(bad)


def test_python_transitions() -> None:
    flip = starfree.dfa({"off": {"a": "on"}, "on": {"a": "off", "b": "on"}}, accepting=["off"])
    assert flip == regex("(ab*a)*")
    assert starfree.dfa([[1, None], [0, 1]], accepting=[0], alphabet="ab") == regex("(ab*a)*")
    assert starfree.dfa({0: {"a": 1}, 1: {}}, start=1, accepting=[1]) == regex("()", "a")
    assert isinstance(flip, DFA)
    for arguments in (
        {"transitions": {}, "accepting": []},
        {"transitions": {0: {"a": 0}}, "accepting": [1]},
        {"transitions": {0: {"a": 0}}, "accepting": [0], "alphabet": "b"},
        {"transitions": [[0]], "accepting": [0]},
        {"transitions": [[0, 0]], "accepting": [0], "alphabet": "a"},
        {"transitions": [[1]], "accepting": [0], "alphabet": "a"},
        {"transitions": [["x"]], "accepting": [0], "alphabet": "a"},
    ):
        with pytest.raises(BadInput):
            starfree.dfa(**arguments)


def test_json_with_a_repeated_key_is_refused() -> None:
    text = write_json(regex("(ab)*")).replace("{", '{"alphabet": ["b", "a"], ', 1)
    with pytest.raises(BadInput, match="repeated"):
        parse_json(text)


def test_load_takes_paths_of_files_only(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(write_json(regex("(ab)*")))
    assert load(file) == load(str(file)) == regex("(ab)*")
    assert starfree.decide(file).language.states == 3
    for wrong in (tmp_path / "(ab)*", 5, None, b"a", regex("a")):
        with pytest.raises(BadInput, match="path"):
            load(wrong)  # type: ignore[arg-type]

"""Formulas as text: how tightly operators bind, symbols and alphabets, mistakes, and what grows too large."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from test_cli_bad_input import outcome

import starfree
from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded
from starfree.programs import Program, once, program, read, rotor
from starfree.programs.formula import Formula, parse_formula
from starfree.programs.future import future_dfa
from starfree.programs.past import past_program

FAR = "(a | b) & " + "Y " * 25 + "b"
FAR_AHEAD = "F (a & " + "X " * 25 + "b)"
GRANTS = " & ".join(f"F s{i} & G (s{i} -> F t{i})" for i in range(20))
SEEN = " <-> ".join(f"O s{i}" for i in range(30))
EXPLODING = [f"pltl:{FAR}", f"ltlf:{FAR_AHEAD}", f"ltlf:{GRANTS}", f"pltl:{SEEN}"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a & b U c", "a & (b U c)"),
        ("!a U b", "(!a) U b"),
        ("X a U b", "(X a) U b"),
        ("a U X b", "a U (X b)"),
        ("! X F a", "!(X (F a))"),
        ("a U b U c", "a U (b U c)"),
        ("a U b R c", "a U (b R c)"),
        ("a R b U c", "a R (b U c)"),
        ("a | b & c", "a | (b & c)"),
        ("a & b | c", "(a & b) | c"),
        ("a | b -> c", "(a | b) -> c"),
        ("a -> b | c", "a -> (b | c)"),
        ("a -> b -> c", "a -> (b -> c)"),
        ("a -> b <-> c", "(a -> b) <-> c"),
        ("a <-> b -> c", "a <-> (b -> c)"),
        ("a U b & c | d -> e <-> f", "((((a U b) & c) | d) -> e) <-> f"),
        ("a <-> b -> c | d & e U f", "a <-> (b -> (c | (d & (e U f))))"),
        ("a && b || ~c", "a & b | !c"),
        ("\n G (\ta ->\nF b ) ", "G(a -> F b)"),
        ("XXa", "X (X a)"),
        ("GFa", "G (F a)"),
        ("WXa", "WX a"),
        ("aUb", "a U b"),
        ("'a' U \"b\"", "a U b"),
    ],
)
def test_how_tightly_operators_bind(text: str, same: str) -> None:
    assert parse_formula(text, past=False) == parse_formula(same, past=False)


def test_chains_are_flat_and_parentheses_are_kept() -> None:
    a, b, c = (Formula("symbol", (), symbol) for symbol in "abc")
    for operator in ("&", "|", "<->"):
        assert parse_formula(f"a {operator} b {operator} c", past=True) == Formula(operator, (a, b, c))
        left = Formula(operator, (Formula(operator, (a, b)), c))
        assert parse_formula(f"(a {operator} b) {operator} c", past=True) == left
    assert parse_formula("'true'", past=True) == Formula("symbol", (), "true")
    assert parse_formula("true", past=True) == Formula("true")


@pytest.mark.parametrize(
    ("spec", "alphabet", "symbols"),
    [
        ("ltlf:F b & F a", None, "ab"),
        ("pltl:O b & O a", None, "ab"),
        ("ltlf:F a", "ba", "ba"),
        ("pltl:O a", "ba", "ba"),
        ("ltlf:F a", "zb", "zba"),
        ("pltl:O b & O a", "z", "zab"),
        ("ltlf:G 'SYN' | 'ACK'", None, ("ACK", "SYN")),
        ("ltlf:F 'SYN'", "RST SYN", ("RST", "SYN")),
        ("pltl:O 'é' & O \"'\"", None, ("'", "é")),
        ("ltlf:F ' '", "a", "a "),
        ("pltl:O '\n'", "a", "a\n"),
        ("ltlf:true", "ab", "ab"),
        ("ltlf:F _1 & F 0", None, ("0", "_1")),
    ],
)
def test_alphabets(spec: str, alphabet: str | None, symbols: str | tuple[str, ...]) -> None:
    assert starfree.load(spec, alphabet=alphabet).alphabet == tuple(symbols)


def test_symbols_that_are_not_written_are_like_each_other() -> None:
    narrow, wide = (starfree.load("ltlf:G(a -> X b)", alphabet=alphabet) for alphabet in ("abx", "xaybz"))
    assert "aba" not in wide
    assert "xyzab" in wide
    assert "abyab" in wide
    assert wide.same_words("ltlf:G(a -> X b) & G(a | b | x | y | z)")
    assert narrow.dfa.states == wide.dfa.states == 3
    assert starfree.load("pltl:!!O a", alphabet="xy").same_words("(a|x|y)*a(a|x|y)*")


@pytest.mark.parametrize(
    ("spec", "at", "says"),
    [
        ("ltlf:", 1, "stops short"),
        ("pltl:  \n", 1, "stops short"),
        ("ltlf:a U", 4, "stops short"),
        ("ltlf:G(a", 2, "not closed"),
        ("ltlf:(a b)", 4, "'b'"),
        ("ltlf:a)", 2, "Leave it out"),
        ("ltlf:a b", 3, "operator"),
        ("ltlf:& a", 1, "'&'"),
        ("ltlf:a ! b", 3, "'!'"),
        ("ltlf:F Y a", 3, "looks back"),
        ("ltlf:a S b", 3, "looks back"),
        ("pltl:Y X a", 3, "looks ahead"),
        ("pltl:a U b", 3, "looks ahead"),
        ("ltlf:A", 1, "Quote"),
        ("ltlf:S", 1, "quote"),
        ("ltlf:a & é", 5, "Quote"),
        ("ltlf:a & ''", 5, "empty"),
        ("ltlf:a & 'b", 5, "not closed"),
        ("ltlf:a - b", 3, "'-'"),
        ("pltl:\t\ta\n\n$", 6, "'$'"),
        ("ltlf:" + "(" * 5_000 + "a" + ")" * 5_000, 101, "100 deep"),
        ("ltlf:" + "!" * 5_000 + "a", 5_001, "100 deep"),
        ("ltlf:" + "a U " * 5_000 + "a", 401, "100 deep"),
        ("pltl:" + "a -> " * 5_000 + "a", 501, "100 deep"),
        ("ltlf:" + "a & " * 9_999 + "$", 39_997, "'$'"),
        ("pltl:'" + "x" * 5_000 + "' 'b", 5_004, "not closed"),
        ("pltl:a '" + "x" * 5_000 + "'", 3, "operator"),
    ],
)
def test_mistakes_are_shown_where_they_are(
    spec: str, at: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput) as caught:
        starfree.load(spec)
    assert f"\nat character {at}: " in str(caught.value)
    status, message = outcome(["decide", spec], capsys)
    assert status == 2
    assert says in message


@pytest.mark.parametrize("spec", ["ltlf:true", "pltl:\n\n\n\n\nfalse", "ltlf:F 'a b' & F 'cd'"])
def test_alphabets_that_cannot_be(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["decide", spec], capsys)[0] == 2


@pytest.mark.parametrize("verb", ["decide", "build", "show", "sample", "prove"])
def test_every_verb_says_what_is_wrong(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    starfree.build("ltlf:G(a -> F b)").save(tmp_path / "model")
    more = {"build": ["--out", str(tmp_path / "new")], "sample": ["--length", "3"]}.get(verb, [])
    before = [str(tmp_path / "model")] if verb == "prove" else []
    status, message = outcome([verb, *before, "ltlf:G(a -> F", *more], capsys)
    assert status == 2
    assert "at character 9" in message


def test_deep_and_long_formulas() -> None:
    for kind in ("ltlf", "pltl"):
        for operator in ("&", "|", "<->"):
            chain = f" {operator} ".join(["a", "b"] * 2_001)
            short = f"a {operator} b" if operator != "<->" else "a <-> b <-> true"
            assert starfree.load(f"{kind}:{chain}").same_words(f"{kind}:{short}")
        many = " | ".join(f"s{i}" for i in range(1_500))
        found = starfree.load(f"{kind}:({many}) & !s7")
        assert len(found.alphabet) == 1_500
        assert [["s7"] in found, ["s8"] in found] == [False, True]
        deep = "(" * 99 + "a" + ")" * 99
        assert starfree.load(f"{kind}:{deep}").same_words(f"{kind}:a")
    assert future_dfa("X " * 99 + "a", ("a", "b")).states == 102
    nested = "".join("ab"[i % 2] + " S (" for i in range(49))
    model = starfree.build(f"pltl:{nested}a{')' * 49}")
    assert model.accepts("a")


def test_temporal_operators_have_a_limit() -> None:
    ahead = " & ".join(f"G (s{i} -> X t{i})" for i in range(101))
    behind = " & ".join(f"(s{i} S t{i})" for i in range(201))
    with pytest.raises(BadInput, match="202 different temporal"):
        future_dfa(ahead)
    with pytest.raises(BadInput, match="201 different temporal"):
        past_program(behind)


def test_many_requirements_are_one_cell() -> None:
    """Else each remembers by itself that it was broken, and all memories are twice as many for each."""
    found = past_program(" & ".join(f"H (s{i} -> Y t{i})" for i in range(20)))
    assert found.dfa.states == 22
    assert past_program("O a | O b | c").same_words("pltl:O (a | b) | c")
    assert past_program("H a & b & H c", ("d",)).same_words(past_program("H (a & c) & b", ("d",)))


@pytest.mark.parametrize("spec", EXPLODING)
def test_what_explodes_ends_in_a_budget(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BudgetExceeded):
        starfree.load(spec, max_states=500, timeout=10)
    status, message = outcome(["decide", spec, "--timeout", "0.3"], capsys)
    assert status == 3
    assert "--timeout" in message


def test_the_diagrams_of_ltlf_have_a_limit() -> None:
    with pytest.raises(BudgetExceeded, match="Raise --max-states"):
        future_dfa(FAR_AHEAD, budget=Budget(max_elements=1_000, max_states=900))


def test_the_memory_of_what_explodes_is_bounded() -> None:
    """A fifth of the states allowed by default, in a process that may have 768 MiB with all its libraries."""
    script = (
        "import starfree\n"
        "try:\n"
        f"    starfree.load({EXPLODING[0]!r}, max_states=200_000)\n"
        "except starfree.errors.BudgetExceeded:\n"
        "    print('budget')\n"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (768 << 20, 768 << 20))

    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        preexec_fn=limit,
        timeout=120,
    )
    assert ran.stdout == "budget\n", ran.stderr


def test_live_states_are_found_in_linear_time() -> None:
    """Every state has acceptance far ahead: one round over all of them for each step would not end."""
    found: Program = program("ab", accept=rotor(read("a"), 40_009) == 7)
    assert found.fragment == "modular"
    assert "a" * 6 not in found
    assert "ba" * 7 in found
    with pytest.raises(BudgetExceeded):
        program("ab", accept=once(read("a")), budget=Budget(max_states=1))

"""Programs found by way of the cascade: the language again, short, and in words that a person would use."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from conftest import SEED, count
from random_automata import distinct

import starfree
from starfree.algebra.aperiodic import Pumping, aperiodicity
from starfree.budgets import Budget
from starfree.cascades import decompose
from starfree.cascades.covers import cover, has, support
from starfree.cascades.decompile import decompile
from starfree.cascades.naming import named, size
from starfree.cascades.walks import walks
from starfree.cascades.wording import both, either, opposite, sum_of_products
from starfree.cli import main
from starfree.errors import BadInput, BudgetExceeded, NotExpressible
from starfree.languages import DFA, catalog, make_dfa, regex
from starfree.programs import Program, historically, latch, once, previously, read, since
from starfree.programs.expressions import FALSE, TRUE, Expression, all_of, any_of, negation
from starfree.programs.meaning import Interpreter

OPERATORS = {
    "historically": historically,
    "latch": latch,
    "once": once,
    "previously": previously,
    "read": read,
    "since": since,
}
STARFREE = [name for name in catalog.regular if not isinstance(aperiodicity(catalog[name].dfa), Pumping)]
# The star-free languages of the paper, as they read. Of D_n: x_i counts as one level, read('a') as the last.
PAPER = {
    "tomita_1": "accept = historically(read('1'))",
    "tomita_2": (
        "accept = ~read('1') & historically("
        "read('0') & previously(read('1')) | read('1') & ~previously(read('1')))"
    ),
    "tomita_4": "accept = historically(~(read('0') & previously(read('0') & previously(read('0')))))",
    "tomita_7": (
        "accept = historically(~("
        "read('0') & previously(read('1') & once(read('0') & previously(read('1'))))))"
    ),
    "aa_bb_cc_dd_ee": (
        "accept = read('e') & historically("
        "read('a') & ~previously(read('b', 'c', 'd', 'e')) | read('b') & previously(read('a', 'b'))"
        " | read('c') & previously(read('b', 'c')) | read('d') & previously(read('c', 'd'))"
        " | read('e') & previously(read('d', 'e')))"
    ),
    "ab_d_bc": (
        "accept = once(read('d')) & historically(~("
        "read('a', 'd') & previously(once(read('d'))) | read('c') & ~previously(once(read('d')))))"
    ),
    "zot_02": "accept = since(read('2'), read('0'))",
    "d_2": (
        "x1 = since(read('a') | previously(read('a')), read('a') & previously(read('a')))\n"
        "x2 = read('a') | x1\n"
        "accept = ~x2 & historically(read('a') & ~previously(read('a') & x1) | read('b') & previously(x2))"
    ),
}


def brackets(n: int) -> str:
    """Return how D_n reads: level i goes up when all below it are up, and down when all below are down."""
    lines = ["x1 = since(read('a') | previously(read('a')), read('a') & previously(read('a')))"]
    for i in range(2, n):
        below = [f"x{j}" for j in range(1, i)]
        some, every = " | ".join(["read('a')", *below]), " & ".join(["read('a')", *below])
        lines.append(f"x{i} = since(read('a') | previously({some}), read('a') & previously({every}))")
    levels = ["read('a')", *(f"x{j}" for j in range(1, n))]
    lines.append(f"x{n} = {' | '.join(levels)}")
    fits = f"read('a') & ~previously({' & '.join(levels)}) | read('b') & previously(x{n})"
    return "\n".join([*lines, f"accept = ~x{n} & historically({fits})"])


def evaluated(text: str) -> Expression:
    """Run the lines of a program and return what they accept."""
    names: dict[str, object] = dict(OPERATORS)
    exec(text, names)
    found = names["accept"]
    return found if isinstance(found, Expression) else TRUE if found else FALSE


def words_where(alphabet: tuple[str, ...], condition: Expression) -> DFA:
    """Return the words after which a condition holds, by running it."""
    return Program(alphabet, (TRUE,) * len(alphabet), condition, FALSE).dfa


def assert_round_trip(dfa: DFA, made: Program) -> None:
    """The program, its END condition alone, and its dead condition are those of the automaton."""
    assert made.dfa == dfa
    assert made.fragment == "star-free"
    assert words_where(dfa.alphabet, made.end_when) == dfa
    dead = make_dfa(dfa.alphabet, dfa.table, ~dfa.live)
    assert words_where(dfa.alphabet, made.dead_when) == dead


@pytest.mark.parametrize("name", [*PAPER, "d_3", "d_4", "d_12"])
def test_the_languages_of_the_paper_read_well(name: str) -> None:
    right = PAPER[name] if name in PAPER else brackets(int(name[2:]))
    found = str(starfree.show(f"@{name}", form="program"))
    assert found == right
    assert words_where(catalog[name].alphabet, evaluated(found)) == catalog[name].dfa


@pytest.mark.parametrize("name", STARFREE)
def test_every_name_of_the_catalogue_comes_back(name: str) -> None:
    dfa = catalog[name].dfa
    assert_round_trip(dfa, decompile(dfa))


@pytest.mark.parametrize("chunk", range(10))
def test_random_automata_come_back(chunk: int) -> None:
    left = count(4, 50)
    for dfa in distinct(SEED + 7000 + chunk, count(8, 9)):
        if isinstance(aperiodicity(dfa), Pumping):
            continue
        made = decompile(dfa)
        assert_round_trip(dfa, made)
        left -= 1
        if not left:
            return


@pytest.mark.parametrize("task", ["recognise", "predict"])
@pytest.mark.parametrize("name", ["tomita_4", "ab_d_bc", "d_3", "flip_flop"])
def test_a_cascade_comes_back_too(name: str, task: str) -> None:
    dfa = catalog[name].dfa
    assert_round_trip(dfa, decompile(decompose(dfa, task=task)))


@pytest.mark.parametrize(
    ("spec", "right"),
    [
        ("~(.*)", "accept = False"),
        (".*", "accept = True"),
        (".*a.*", "accept = once(read('a'))"),
        (".*ab", "accept = read('b') & previously(read('a'))"),
        (".*ab.*", "accept = once(read('b') & previously(read('a')))"),
        (".", "accept = read('a', 'b') & ~previously(True)"),
    ],
)
def test_small_languages_read_well(spec: str, right: str) -> None:
    language = regex(spec, "ab")
    found = str(starfree.show(language, form="program"))
    assert words_where(language.alphabet, evaluated(found)) == language.dfa
    assert found == right


def test_a_group_is_refused() -> None:
    with pytest.raises(BadInput, match="not aperiodic"):
        decompile(regex("(aa)*").dfa)


@pytest.mark.parametrize("budget", [Budget(max_states=100), Budget(deadline=0)])
def test_a_budget_ends_it(budget: Budget) -> None:
    cascade = decompose(catalog["d_12"].dfa, task="predict")
    with pytest.raises(BudgetExceeded):
        decompile(cascade, budget=budget)


def test_walks_are_what_words_do() -> None:
    for name in ("tomita_7", "ab_d_bc", "d_2"):
        cascade = decompose(catalog[name].dfa, task="predict")
        found = walks(cascade)
        classes = {s: i for i, symbols in enumerate(found.classes, 1) for s in symbols}
        nodes, steps = {(0, *cascade.initial)}, set()
        for word in product(cascade.alphabet, repeat=6):
            node = (0, *cascade.initial)
            for symbol in word:
                if symbol not in cascade.legal(node[1:]):
                    break
                after = (classes[symbol], *cascade.step(node[1:], symbol))
                steps.add((node, classes[symbol], after))
                nodes.add(after)
                node = after
        listed = [tuple(row) for row in found.nodes.tolist()]
        assert len(listed) == len(nodes)
        assert set(listed) == nodes
        assert {(listed[a], letter, listed[b]) for a, letter, b in found.steps.tolist()} == steps


def test_covers_have_exactly_the_wanted_rows() -> None:
    """Of random functions on random rows; any choice between the two forms of each product is right."""
    rng = np.random.default_rng(SEED)
    for _ in range(count(200, 4000)):
        sizes = rng.integers(2, 5, int(rng.integers(1, 5))).tolist()
        everything = np.array(list(product(*map(range, sizes))), np.int64)
        rows = everything[rng.random(len(everything)) < 0.7]
        inside = rng.random(sizes[0]) < 0.5
        wanted = inside[rows[:, 0]] if rng.random() < 0.3 else rng.random(len(rows)) < 0.5
        order = rng.permutation(len(sizes)).tolist()
        kept = support(rows, wanted, order)
        assert kept is not None
        for fewer in (kept, [one for one in kept if one != kept[0]] if kept else None):
            if fewer is None:
                continue
            values: dict[tuple[int, ...], set[bool]] = {}
            for row, flag in zip(rows[:, fewer].tolist(), wanted.tolist(), strict=True):
                values.setdefault(tuple(row), set()).add(flag)
            decided = all(len(flags) == 1 for flags in values.values())
            assert decided == (fewer is kept)
        chosen = [
            tuple(most[i] if rng.random() < 0.5 else least[i] for i in range(len(sizes)))
            for most, least in cover(rows, wanted, sizes, order)
        ]
        found = np.logical_or.reduce([has(one, rows) for one in chosen] or [np.zeros(len(rows), bool)])
        assert np.array_equal(found, wanted)


def test_support_knows_what_is_no_function() -> None:
    assert support(np.array([[0, 1], [0, 1]]), np.array([True, False]), [0, 1]) is None


def random_condition(rng: np.random.Generator, depth: int) -> Expression:
    if depth == 0:
        return read(*rng.choice(list("abc"), int(rng.integers(1, 3))).tolist())
    parts = [random_condition(rng, depth - 1) for _ in range(2)]
    makers = [negation, negation, previously, once, historically]
    kind = int(rng.integers(0, 8))
    if kind < len(makers):
        return makers[kind](parts[0])
    return [latch, all_of, any_of][kind - len(makers)](*parts)


def test_wording_changes_no_meaning() -> None:
    rng = np.random.default_rng(SEED)
    words = np.array(list(product(range(3), repeat=5)), np.int64)
    for _ in range(count(100, 2000)):
        products = [
            [random_condition(rng, int(rng.integers(0, 4))) for _ in range(int(rng.integers(1, 4)))]
            for _ in range(int(rng.integers(1, 4)))
        ]
        first = products[0]
        pairs = [
            (both(first), all_of(*first)),
            (either(first), any_of(*first)),
            (opposite(all_of(*first)), negation(all_of(*first))),
            (opposite(any_of(*first)), negation(any_of(*first))),
            (sum_of_products(products), any_of(*(all_of(*one) for one in products))),
        ]
        found = Interpreter(("a", "b", "c"), [one for pair in pairs for one in pair]).run(words)
        assert np.array_equal(found[:, :, 0::2], found[:, :, 1::2])


def test_names_stand_for_what_they_replace() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(count(100, 2000)):
        parts = [random_condition(rng, 4) for _ in range(2)]
        condition = all_of(parts[0], previously(any_of(*parts)), once(parts[0]))
        written = named([condition], ("a", "b", "c"))
        lines = [f"{name} = {text}" for name, text in written.definitions]
        assert evaluated("\n".join([*lines, f"accept = {written.conditions[0]}"])) == condition
        assert size(condition) >= 1


def test_no_name_is_a_symbol() -> None:
    long = latch(read("x1") & previously(read("x1")), read("x_1") & previously(read("x1")))
    written = named([long | previously(long)], ("x1", "x_1"))
    assert written.conditions == ("x__1 | previously(x__1)",)


def test_the_command_prints_what_the_function_gives(capsys: pytest.CaptureFixture[str]) -> None:
    for spec in ("@d_3", "@dyck_1", "pltl:b & Y a", "(ab)*", "@bounded_dyck_2_3"):
        found = starfree.show(spec, form="program")
        assert main(["show", spec, "--as", "program"]) == 0
        assert capsys.readouterr().out.endswith(f"\n\n{found}\n")
        assert main(["show", spec, "--as", "program", "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document == json.loads(json.dumps(found.to_json()))
        assert document["program"]["found"] is (spec in ("@d_3", "(ab)*"))


def test_a_program_is_printed_as_it_is() -> None:
    for spec in ("@dyck_1", "pltl:b & Y a"):
        assert str(starfree.show(spec, form="program")) == str(starfree.load(spec))


def test_the_document_holds_every_condition() -> None:
    document = starfree.show("@d_3", form="program").to_json()["program"]
    lines = [f"{one['name']} = {one['is']}" for one in document["definitions"]]

    def condition(text: str) -> Expression:
        return evaluated("\n".join([*lines, f"accept = {text}"]))

    made = Program(
        ("a", "b"),
        tuple(condition(document["legal"][symbol]) for symbol in "ab"),
        condition(document["end"]),
        condition(document["dead"]),
    )
    assert_round_trip(catalog["d_3"].dfa, made)


def test_what_is_not_star_free_has_no_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotExpressible) as refused:
        starfree.show("(aa)*", form="program")
    assert refused.value.witness["evidence"]["kind"] == "pumping"
    assert main(["show", "(aa)*", "--as", "program"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("starfree: (aa)*: not star-free")
    assert shown.err.count("\n") == 1
    assert main(["show", "(aa)*", "--as", "program", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(refused.value.to_json()))


def test_a_form_must_exist() -> None:
    with pytest.raises(BadInput):
        starfree.show("(ab)*", form="poem")  # type: ignore[call-overload]

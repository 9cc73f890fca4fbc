"""Rules as data: they fit the families, the checker's own table, and say "unknown" only where it matters."""

from __future__ import annotations

import itertools

import pytest

from starfree.checker.families import TABLE
from starfree.verdicts.families import FAMILIES
from starfree.verdicts.rules import PREDICT, RECOGNISE, Fact, FactName, rule, rule_of

TASKS = ("recognise", "predict")


def test_families_are_those_that_the_checker_knows() -> None:
    assert [family.id for family in FAMILIES] == list(dict.fromkeys(family.id for family in FAMILIES))
    assert {family.id: family.arithmetic for family in FAMILIES} == {
        name: row[0] for name, row in TABLE.items()
    }
    assert set(RECOGNISE) == set(PREDICT) == set(TABLE)
    for family in FAMILIES:
        never = not TABLE[family.id][2]
        assert (rule_of(family, "recognise").needed == ()) == never
        assert set(family.models_yes) | set(family.models_no) <= set(family.models)
        assert not set(family.models_yes) & set(family.models_no)
        assert family.theorem.endswith(".")


@pytest.mark.parametrize("task", TASKS)
def test_unknown_is_said_exactly_when_a_missing_fact_could_decide(task: str) -> None:
    for family in FAMILIES:
        found = rule_of(family, task)  # type: ignore[arg-type]
        names: list[FactName] = sorted({*found.enough, *found.needed})
        for values in itertools.product((True, False, None), repeat=len(names)):
            facts: dict[FactName, Fact] = dict(zip(names, values, strict=True))
            ruling = rule(family, task, facts.__getitem__)  # type: ignore[arg-type]
            if any(facts[name] for name in found.enough):
                wanted = "yes"
            elif any(facts[name] is False for name in found.needed):
                wanted = "no"
            else:
                wanted = "unknown" if None in values else "open"
            assert ruling.answer == wanted
            assert (ruling.by is None) == (wanted in ("unknown", "open"))
            if ruling.by is not None:
                assert facts[ruling.by] is (wanted == "yes")
                one_sided = {"yes": "lower", "no": "upper"}[wanted]
                assert ruling.bound in ("characterisation", one_sided)


@pytest.mark.parametrize("task", TASKS)
def test_characterisations_leave_nothing_open(task: str) -> None:
    for family in FAMILIES:
        found = rule_of(family, task)  # type: ignore[arg-type]
        for value in (True, False):
            ruling = rule(family, task, lambda name, value=value: value or name == "regular")  # type: ignore[arg-type, misc]
            if family.bound == "characterisation" and found.enough == found.needed:
                assert ruling.answer == ("yes" if value else "no")
                assert ruling.bound == "characterisation"


def test_no_fact_is_asked_for_in_vain() -> None:
    """A rule stops at the first fact that decides, so that a costly one is not worked out."""
    asked: list[FactName] = []

    def facts(name: FactName) -> Fact:
        asked.append(name)
        return name == "definite"

    unit = next(family for family in FAMILIES if family.id == "time-invariant-unit")
    assert rule(unit, "recognise", facts).answer == "yes"
    assert asked == ["definite"]

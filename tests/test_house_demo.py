"""`make demo` says what the verbs say, and its headline is computed."""

from __future__ import annotations

import dataclasses
import importlib.util
import sys
from types import ModuleType

import pytest
from conftest import ROOT

import starfree
from starfree.cli.screen import Screen


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "benchmarks" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_lines_agree_with_the_verbs(demo: ModuleType) -> None:
    line = demo.study("d_3", "paper")
    model = starfree.build("@d_3")
    assert (line.expressible, line.witness, line.layers) == ("yes", None, len(model.layers))
    assert (line.state, line.levels) == (model.state_size, model.origin["levels"])
    assert line.product == starfree.prove(model, "@d_3").size
    assert (line.states, line.monoid) == (5, 31)
    line = demo.study("parity", "paper")
    assert (line.expressible, line.layers, line.product) == ("no", None, None)
    assert demo.witness_text(line) == "⟨1⟩^n, n mod 2"
    assert demo.witness_text(demo.study("dna_frame", "daily life")) == "⟨ATG⟩⟨A⟩^n⟨TAA⟩, n mod 3"


def test_headline_counts(demo: ModuleType) -> None:
    lines = [demo.study(name, "daily life") for name in ("csv_row", "csv_row_curly", "c_identifier")]
    headline = demo.headline([*lines, demo.study("parity", "paper")])
    assert headline.startswith("All 2 star-free languages (of 4 regular ones) are built and proved, ")
    unproved = dataclasses.replace(lines[-1], product=None)
    assert demo.headline([*lines[:-1], unproved]).startswith("1 of 2 star-free languages (of 3 regular ones)")
    assert "1 of 3 languages of daily life" in headline
    assert "Mamba among them: csv_row." in headline


def test_counters_are_proved_without_states(demo: ModuleType) -> None:
    line = demo.study_program("dyck_1", "counters")
    assert (line.expressible, line.latches, line.layers, line.product) == ("counts", 2, 2, None)
    assert "; so are 1 that count" in demo.headline([demo.study("d_2", "paper"), line])


def test_table_is_aligned_and_grouped(demo: ModuleType) -> None:
    lines = [demo.study("parity", "paper"), demo.study("d_4", "paper"), demo.study("mod_3", "groups")]
    head, *rest = demo.table(Screen(), lines).splitlines()
    assert [line for line in rest if line in {"paper", "groups"}] == ["paper", "groups"]
    ends = {len(line) for line in rest if line and line not in {"paper", "groups"}}
    assert ends == {len(head)}


def test_table_fits_a_terminal(demo: ModuleType) -> None:
    lines = [demo.study(name, "") for name in ("json_string_simple", "dna_frame", "json_string", "d_12")]
    for width in (80, 100):
        assert max(map(len, demo.table(Screen(width), lines).splitlines())) <= width

"""docs/theorems.md is true: its files and tests exist, and its commands run and end as it says."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
from conftest import ROOT

from starfree.cli import main

PAGE = (ROOT / "docs" / "theorems.md").read_text()
CLAIMS = ["flip-flop", "PARITY", "star-free", "counting", "bounded", "comparison", "experiments"]


def rows() -> list[list[str]]:
    """Return the cells of the table, without the heading; `\\|` is a bar inside a cell."""
    lines = [line for line in PAGE.splitlines() if line.startswith("|")]
    cells = [
        [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines
    ]
    return cells[2:]


def code(cell: str) -> str:
    assert cell[0] == cell[-1] == "`", cell
    return cell[1:-1]


def test_the_page_has_rows() -> None:
    assert len(rows()) >= 10
    assert all(len(row) == 5 for row in rows())


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_of_the_paper_is_named(claim: str) -> None:
    assert claim in PAGE


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_files_and_tests_exist(row: list[str]) -> None:
    assert (ROOT / code(row[1])).is_file()
    file, name = code(row[4]).split("::")
    functions = {
        node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if hasattr(node, "name")
    }
    assert name in functions


def test_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for row in rows():
        program, *arguments = shlex.split(code(row[2]))
        assert program == "starfree"
        assert main(arguments) == int(row[3]), capsys.readouterr().err

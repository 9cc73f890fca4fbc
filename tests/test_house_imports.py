"""Imports go one way, the checker stands alone, and `import starfree` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

SOURCE = ROOT / "src" / "starfree"
ORDER = [
    "errors",
    "budgets",
    "rows",
    "diagrams",
    "languages",
    "programs",
    "algebra",
    "cascades",
    "verdicts",
    "models",
    "targets",
    "proofs",
    "learning",
    "reports",
    "cli",
]
HEAVY = [
    "torch",
    "transformers",
    "tokenizers",
    "sympy",
    "tqdm",
    "click",
    "safetensors",
    "scipy",
    "networkx",
    "matplotlib",
    "jinja2",
]
CHECKER_MAY = set(sys.stdlib_module_names) | {"numpy"}
STOCK = {"torch", "transformers"}  # what runs a stock checkpoint


def imported(text: str, package: list[str]) -> Iterator[str]:
    """Yield the dotted name of every module that a source text imports, wherever it does so."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                yield ".".join([*stem, alias.name])


def imports_of(path: Path) -> set[str]:
    return set(imported(path.read_text(), ["starfree", *path.parent.relative_to(SOURCE).parts]))


def room(path: Path) -> str:
    """Return the package or top-level module that a source file belongs to."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def breaches(own: str, modules: set[str]) -> list[str]:
    """Return the imports of a file of room `own` that the order forbids."""
    bad = []
    for module in modules:
        parts = module.split(".")
        if parts[0] != "starfree" or len(parts) < 2 or parts[1].startswith("__"):
            continue
        other = parts[1]
        if other == "checker":
            allowed = own in {"checker", "verdicts", "proofs", "cli"}
        elif own == "checker":
            allowed = False
        else:
            allowed = other in ORDER and (other == own or ORDER.index(other) < ORDER.index(own))
        if not allowed:
            bad.append(module)
    return bad


FILES = [path for path in sorted(SOURCE.rglob("*.py")) if path.parent != SOURCE or path.stem in ORDER]


def test_reads_relative_imports() -> None:
    text = "from ..languages.dfa import DFA\nfrom . import x\nimport starfree.cli.app\nfrom .. import rows"
    assert set(imported(text, ["starfree", "algebra"])) == {
        "starfree.languages.dfa.DFA",
        "starfree.algebra.x",
        "starfree.cli.app",
        "starfree.rows",
    }


def test_finds_breaches() -> None:
    assert breaches("algebra", {"starfree.cli.app", "starfree.languages.dfa", "numpy"}) == [
        "starfree.cli.app"
    ]
    assert breaches("checker", {"starfree.errors"}) == ["starfree.errors"]
    assert breaches("languages", {"starfree.unheard_of"}) == ["starfree.unheard_of"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    assert breaches(room(path), imports_of(path)) == []


def test_every_room_is_in_the_order() -> None:
    rooms = {room(path) for path in FILES}
    assert rooms <= {*ORDER, "checker"}
    assert {"languages", "algebra", "cascades", "verdicts", "targets", "proofs", "cli", "checker"} <= rooms


@pytest.mark.parametrize("path", sorted((SOURCE / "checker").rglob("*.py")), ids=lambda path: path.name)
def test_checker_needs_only_numpy_and_what_runs_the_model(path: Path) -> None:
    others = {module.split(".")[0] for module in imports_of(path)}
    assert others - CHECKER_MAY <= {"starfree"} | (STOCK if path.name == "stock.py" else set())


def modules_after(statement: str) -> set[str]:
    """Return the names in `sys.modules` of a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_starfree_loads_only_numpy() -> None:
    loaded = modules_after("import starfree")
    assert "starfree" in loaded
    assert not loaded & set(HEAVY)
    third_party = {name.split(".")[0] for name in loaded - modules_after("import numpy")}
    assert third_party - set(sys.stdlib_module_names) <= {"starfree"}


def test_deciding_loads_no_torch() -> None:
    loaded = modules_after("import starfree; starfree.decide('(aa)*').to_json()")
    assert not loaded & {"torch", "sympy", "scipy", "networkx"}


def test_checker_alone_loads_no_other_room() -> None:
    loaded = modules_after("import starfree.checker.check")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("starfree.")}
    assert rooms <= {"checker"}

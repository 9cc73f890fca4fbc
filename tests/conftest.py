"""What every test shares: how many cases to try, fixed seeds, and a full run that can be resumed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
FULL = os.environ.get("STARFREE_FULL") == "1"
SEED = 20240517  # every random test draws from this number, or from one written in the test itself

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


def count(quick: int, full: int) -> int:
    """Return how many cases to try: `quick` as a rule, `full` when STARFREE_FULL=1."""
    return full if FULL else quick


def content_hash() -> str:
    """Return a digest of everything that can change the outcome of a test."""
    digest = hashlib.sha256()
    for folder in ("src", "tests", "docs", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in {".py", ".md", ".json", ".c", ".h", ".csv", ".j2"}:
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in ("README.md", "pyproject.toml", "constraints.txt", "Makefile"):
        path = ROOT / name
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:16]


class Resume:
    """Remembers which tests of a full run have passed, so that a run that was stopped goes on.

    The record is a file of one test name a line, named after the content hash: any change starts afresh.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.key = content_hash()
        self.record = folder / f"{self.key}.passed"
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        self.earlier = {json.loads(line) for line in lines}
        self.passed = self.failed = 0

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        done = [item for item in items if item.nodeid in self.earlier]
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item.nodeid not in self.earlier]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed += 1
        elif report.when == "call" and report.passed:
            self.passed += 1
            with self.record.open("a") as file:
                file.write(json.dumps(report.nodeid) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.earlier:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_unconfigure(self) -> None:
        total = self.passed + len(self.earlier)
        print(
            f"full run {self.key}: {total} passed, {len(self.earlier)} of them in an "
            f"earlier run; {self.failed} failed; seed {SEED}"
        )


def pytest_configure(config: pytest.Config) -> None:
    if FULL:
        config.pluginmanager.register(Resume(ROOT / ".full"), "resume")

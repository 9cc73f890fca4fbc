"""The store of results: nothing is changed, and nothing finished is lost, whatever happens to a writer."""

from __future__ import annotations

import json
import math
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import count

from starfree.errors import BadInput
from starfree.learning.origin import git_commit, versions
from starfree.learning.results import BinResult, Point, Record, Run
from starfree.learning.store import NAME, Store

POINTS = 50


def a_run(number: int = 0, **changes: object) -> Run:
    config = {"learning_rate": 1e-3, "bins": [[1, 50], [51, 100]], "words": 1000}
    run = Run(
        f"run{number}", "@parity", "predict", "mamba", 1, 16, 4096, config, number, "finished", 400, 300, 1.5,
        {"torch": "2.13"}, None, "2026-01-01T00:00:00Z",
    )  # fmt: skip
    return replace(run, **changes)  # type: ignore[arg-type]


def parts_of(run: Run) -> tuple[list[BinResult], list[Point]]:
    bins = [
        BinResult(run.id, i, 1 + 50 * i, 50 + 50 * i, 100, 90, 2600, 2500, 2550, {"n": i}) for i in range(3)
    ]
    return bins, [Point(run.id, step, 1 / (step + 1), 1e-3, step, 100, 0.5) for step in range(POINTS)]


def add(store: Store, run: Run) -> int:
    return store.add(run, *parts_of(run))


def whole(store: Store) -> set[str]:
    """Return the ids in a store, every run of which must have all its parts."""
    records = store.runs(every=True)
    assert all((record.bins, record.curve) == tuple(map(tuple, parts_of(record.run))) for record in records)
    with closing(sqlite3.connect(store.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for table, each in (("bins", 3), ("points", POINTS)):
            number = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            assert number == each * len(records)
    return {record.run.id for record in records}


def test_reads_what_was_written(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "made" / "here")
    run = a_run()
    bins, curve = parts_of(run)
    assert store.add(run, bins, curve) == 1
    assert Store.open(store.file).runs() == [Record(run, 1, tuple(bins), tuple(curve))]
    assert store.finished_ids() == {"run0"}
    assert (tmp_path / "made" / "here" / NAME).is_file()


def test_chooses_by_language_and_model(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    for number, (language, model) in enumerate([("@d_2", "mamba"), ("@parity", "gru"), ("@d_2", "gru")]):
        add(store, a_run(number, language=language, model=model))
    assert [record.run.seed for record in store.runs(language="@d_2")] == [0, 2]
    assert [record.run.seed for record in store.runs(model="gru")] == [1, 2]
    assert [record.run.seed for record in store.runs(language="@d_2", model="gru")] == [2]
    assert store.runs(language="@d_3") == []
    assert all(len(record.curve) == POINTS for record in store.runs(model="gru"))


def test_reads_the_newest_finished_attempt(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    history = ["stopped", "finished", "finished", "nan"]
    for attempt, status in enumerate(history, 1):
        assert add(store, a_run(status=status, steps=attempt)) == attempt
    add(store, a_run(1, status="nan", steps=1))
    assert add(store, a_run(1, status="stopped", steps=2)) == 2
    assert [(r.run.id, r.attempt, r.run.status) for r in store.runs()] == [
        ("run0", 3, "finished"),
        ("run1", 2, "stopped"),
    ]
    assert [record.run.steps for record in store.runs(every=True)] == [1, 2, 3, 4, 1, 2]
    assert store.finished_ids() == {"run0"}


def test_nothing_can_be_changed(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    add(store, a_run())
    with closing(sqlite3.connect(store.file)) as connection:
        for table in ("runs", "bins", "points"):
            for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET number = 7"):
                with pytest.raises(sqlite3.IntegrityError, match="results are kept"):
                    connection.execute(verb)
    assert whole(store) == {"run0"}


def test_takes_numbers_of_numpy_and_what_is_no_number(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    run = a_run(status="nan", steps=np.int64(7), seconds=np.float32(0.5), config={"rate": np.float64(0.25)})
    store.add(run, (), [Point(run.id, 3, math.nan, np.float64(0.1), np.int64(2), 5, math.inf)])
    record = store.runs()[0]
    assert (record.run.steps, record.run.seconds, record.run.config) == (7, 0.5, {"rate": 0.25})
    point = record.curve[0]
    assert math.isnan(point.loss)
    assert (point.validation_words_right, point.validation_position_accuracy) == (2, math.inf)
    document = json.loads(json.dumps(store.to_json(), allow_nan=False))
    assert document["runs"][0]["curve"][0]["loss"] is None
    assert document["runs"][0]["run"]["config"] == {"rate": 0.25}


def test_a_wrong_part_adds_nothing(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    run = a_run()
    bins, curve = parts_of(run)
    with pytest.raises(AssertionError, match="another run"):
        store.add(run, [replace(bins[0], run="other")], curve)
    for wrong in ({"words_right": 101}, {"positions_right": -1}, {"ends_right": 2601}):
        with pytest.raises(sqlite3.IntegrityError):
            store.add(run, [bins[0], replace(bins[1], **wrong)], curve)
    assert store.runs(every=True) == []


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda file: file.write_text("words " * 999), "is no store of results"),
        (lambda file: other(file, "CREATE TABLE t (a)"), "is no store of results"),
        (lambda file: other(file, "PRAGMA user_version = 0"), "written by an older starfree"),
        (lambda file: other(file, "PRAGMA user_version = 9"), "written by a newer starfree"),
        (lambda file: file.mkdir(), "cannot be used"),
    ],
)
def test_refuses_other_files_in_a_word(tmp_path: Path, make: object, why: str) -> None:
    file = tmp_path / NAME
    if "written" in why:
        Store.open(tmp_path)
    make(file)  # type: ignore[operator]
    for create in (True, False):
        with pytest.raises(BadInput, match=why) as caught:
            Store.open(tmp_path, create=create)
        assert len(str(caught.value)) < 200 + 2 * len(str(tmp_path))


def other(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def test_says_that_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no results"):
        Store.open(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / NAME).touch()  # what a writer leaves that is killed at once
    with pytest.raises(BadInput, match="is no store"):
        Store.open(tmp_path, create=False)
    assert Store.open(tmp_path).runs() == []
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="is no directory"):
        Store.open(tmp_path / "file" / "below")


WRITER = """
import sys
sys.path.insert(0, {tests!r})
from test_store import Store, a_run, add
store = Store.open({folder!r})
print("ready", flush=True)
sys.stdin.readline()
for number in range({first}, {last}):
    add(store, a_run(number))
    print(number, flush=True)
"""


def writer(folder: Path, first: int, last: int, **options: object) -> subprocess.Popen[str]:
    code = WRITER.format(tests=str(Path(__file__).parent), folder=str(folder), first=first, last=last)
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, text=True, **options  # type: ignore[call-overload]
    )  # fmt: skip


def start(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    processes = [writer(tmp_path, first, first + 30) for first in (0, 15)]
    start(*processes)
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    store = Store.open(tmp_path)
    assert whole(store) == {f"run{number}" for number in range(45)}
    attempts = sorted((int(r.run.id[3:]), r.attempt) for r in store.runs(every=True))
    assert attempts == sorted([(n, 1) for n in range(45)] + [(n, 2) for n in range(15, 30)])


def test_threads_make_one_store(tmp_path: Path) -> None:
    for trial in range(count(5, 100)):
        folder = tmp_path / str(trial)
        with ThreadPoolExecutor(4) as pool:
            attempts = list(pool.map(lambda n, folder=folder: add(Store.open(folder), a_run(n)), range(4)))
        assert attempts == [1, 1, 1, 1]
        assert len(whole(Store.open(folder))) == 4


def test_killed_in_the_middle_of_a_write(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    first = 0
    for _ in range(count(3, 60)):
        process = writer(tmp_path, first, first + 10_000)
        start(process)
        time.sleep(rng.uniform(0.01, 0.15))
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate(timeout=60)
        finished = {int(line) for line in said.split()}
        kept = {int(name[3:]) for name in whole(Store.open(tmp_path))}
        assert finished <= kept
        assert kept <= set(range(first)) | finished | {max(finished, default=first - 1) + 1}
        first = len(kept)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of one megabyte; skips where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("no mount here")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if done.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield folder  # type: ignore[misc]
    subprocess.run(["umount", str(folder)], check=True)


def fill(store: Store, added: set[str]) -> None:
    """Add runs until none fits, and the ids of those that were added to the set."""
    for number in range(10_000):
        add(store, a_run(number))
        added.add(f"run{number}")


def test_full_disk(small_disk: Path) -> None:
    store = Store.open(small_disk)
    added: set[str] = set()
    with pytest.raises(BadInput, match="the disk is full"):
        fill(store, added)
    assert len(added) > 20
    assert whole(store) == added
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(1 << 20))  # not a byte is left
    assert store.finished_ids() == added
    ballast.unlink()
    shutil.copy(store.file, small_disk.parent / NAME)  # room elsewhere
    moved = Store.open(small_disk.parent)
    assert add(moved, a_run(99_999)) == 1
    assert whole(moved) == added | {"run99999"}


def test_reads_from_a_disk_that_cannot_be_written(small_disk: Path) -> None:
    add(Store.open(small_disk), a_run())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    store = Store.open(small_disk, create=False)
    assert store.finished_ids() == {"run0"}
    with pytest.raises(BadInput, match="cannot be used"):
        add(store, a_run(1))


def test_limit_on_the_size_of_files(tmp_path: Path) -> None:
    process = writer(
        tmp_path, 0, 10_000, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    )
    start(process)
    said, errors = process.communicate(timeout=60)
    assert "BadInput" in errors.splitlines()[-1]
    assert "no space, or a limit" in errors
    store = Store.open(tmp_path)
    assert whole(store) == {f"run{number}" for number in said.split()}
    assert add(store, a_run(99_999)) == 1


def test_says_where_results_come_from() -> None:
    found = versions("no-such-package")
    assert {"python", "starfree", "numpy"} <= set(found)
    assert "no-such-package" not in found
    commit = git_commit()
    assert commit is None or len(commit.removesuffix("-dirty")) == 40

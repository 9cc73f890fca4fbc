"""Results that are kept: one SQLite file to which runs are added, and in which nothing is ever changed.

A run, its bins and its curve are written in one transaction, so that what is there is whole. A connection
lives for one call: two processes can write at once, and one that is killed leaves nothing half done.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .results import BinResult, Point, Record, Run, finite

NAME = "runs.sqlite"
_FORMAT = 1
_MARK = 0x73746672  # "stfr": tells our files from other databases
_PATIENCE = 60.0  # seconds to wait for another writer
_SCHEMA = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, attempt INTEGER NOT NULL, id TEXT NOT NULL,
    language TEXT NOT NULL, task TEXT NOT NULL, model TEXT NOT NULL, layers INTEGER NOT NULL,
    width INTEGER NOT NULL, parameters INTEGER NOT NULL, config TEXT NOT NULL, seed INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('finished', 'nan', 'stopped')), steps INTEGER NOT NULL,
    best_step INTEGER NOT NULL, seconds REAL, versions TEXT NOT NULL, "commit" TEXT, created TEXT NOT NULL,
    UNIQUE (id, attempt));
CREATE TABLE bins (
    number INTEGER NOT NULL REFERENCES runs (number), bin INTEGER NOT NULL, lo INTEGER NOT NULL,
    hi INTEGER NOT NULL, words INTEGER NOT NULL, words_right INTEGER NOT NULL, positions INTEGER NOT NULL,
    positions_right INTEGER NOT NULL, ends_right INTEGER NOT NULL, extra TEXT NOT NULL,
    PRIMARY KEY (number, bin), CHECK (0 <= words_right AND words_right <= words),
    CHECK (0 <= positions_right AND positions_right <= positions),
    CHECK (0 <= ends_right AND ends_right <= positions)) WITHOUT ROWID;
CREATE TABLE points (
    number INTEGER NOT NULL REFERENCES runs (number), step INTEGER NOT NULL, loss REAL, learning_rate REAL,
    validation_words_right INTEGER NOT NULL, validation_words INTEGER NOT NULL,
    validation_position_accuracy REAL, PRIMARY KEY (number, step)) WITHOUT ROWID;
"""
_KEEP = "CREATE TRIGGER keep_{0}_{1} BEFORE {1} ON {0} BEGIN SELECT RAISE(ABORT, 'results are kept'); END"


@dataclass(frozen=True)
class Store:
    """A file of results; make one with `Store.open`. Can be sent to other processes."""

    file: Path

    @classmethod
    def open(cls, path: str | PathLike[str], *, create: bool = True) -> Store:
        """Open the store in a directory.

        Arguments:
            path: the directory, or the file in it.
            create: make the directory and an empty store where there is none.

        Raises:
            BadInput: when there is none and it is not to be made, when the file is something else or of
                another version of starfree, or when it cannot be opened.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     len(Store.open(folder).runs())
        0
        """
        place = Path(path)
        store = cls(place if place.is_file() else place / NAME)
        if create:
            try:
                store.file.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                no = isinstance(error, (FileExistsError, NotADirectoryError))
                why = f"{'is no directory' if no else 'cannot be made'} ({error.strerror})"
                raise BadInput(str(place), why, "Name another directory.") from None
        elif not store.file.exists():
            raise BadInput(str(place), "holds no results", f"Give a directory with a file {NAME}.")
        with store._connection(write=create):
            return store

    def add(self, run: Run, bins: Sequence[BinResult] = (), curve: Sequence[Point] = ()) -> int:
        """Keep a run with its bins and its curve: all of it, or nothing.

        Returns:
            which attempt at this id it is, from 1; earlier ones stay as they are.

        Raises:
            BadInput: when the disk is full or the file cannot be written.

        Complexity: one transaction, linear in what is added.
        """
        if any(each.run != run.id for each in bins) or any(point.run != run.id for point in curve):
            raise AssertionError("a bin or a point of another run")
        with self._connection(write=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            asked = connection.execute("SELECT COUNT(*) FROM runs WHERE id = ?", (run.id,))
            attempt = int(asked.fetchone()[0]) + 1
            number = _insert(connection, "runs", ["attempt", *_names(Run)], [attempt, *_row(run)])
            for each in bins:
                _insert(connection, "bins", ["number", *_names(BinResult)[1:]], [number, *_row(each)[1:]])
            for point in curve:
                _insert(connection, "points", ["number", *_names(Point)[1:]], [number, *_row(point)[1:]])
            connection.execute("COMMIT")
        return attempt

    def runs(
        self, *, language: str | None = None, model: str | None = None, every: bool = False
    ) -> list[Record]:
        """Return what is kept, in the order in which the ids first came.

        Arguments:
            language, model: only those of this language or model.
            every: all attempts; otherwise of each id the newest that is finished, or else the newest.

        Complexity: linear in what is read.
        """
        where = "(?1 IS NULL OR language = ?1) AND (?2 IS NULL OR model = ?2)"
        with self._connection() as connection:
            connection.execute("BEGIN")  # all three questions see the same moment
            columns = ", ".join(f'"{name}"' for name in ("number", "attempt", *_names(Run)))
            rows = connection.execute(
                f"SELECT {columns} FROM runs WHERE {where} ORDER BY number", (language, model)
            ).fetchall()
            chosen: dict[Any, tuple[Any, ...]] = {}
            for row in rows:
                key = (row[2], row[1]) if every else row[2]
                if key not in chosen or row[11] == "finished" or chosen[key][11] != "finished":
                    chosen[key] = row
            bins = _parts(connection, BinResult, "bins", chosen.values())
            points = _parts(connection, Point, "points", chosen.values())
        return [
            Record(_read(Run, row[2:]), row[1], bins.get(row[0], ()), points.get(row[0], ()))
            for row in chosen.values()
        ]

    def finished_ids(self) -> set[str]:
        """Return the ids of which a run is finished."""
        with self._connection() as connection:
            return {row[0] for row in connection.execute("SELECT id FROM runs WHERE status = 'finished'")}

    def to_json(self) -> dict[str, Any]:
        """Return everything that is kept, all attempts, as a document; what is no number is null."""
        document = {"format": _FORMAT, "runs": [asdict(record) for record in self.runs(every=True)]}
        plain: dict[str, Any] = finite(document)
        return plain

    @contextmanager
    def _connection(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._connect(write)) as connection:
                yield connection
        except sqlite3.IntegrityError:
            raise  # not the user's mistake
        except sqlite3.DatabaseError as error:
            raise self._told(error, write) from None

    def _connect(self, write: bool) -> sqlite3.Connection:
        address = self.file.absolute().as_uri()
        try:
            return self._opened(f"{address}?mode={'rwc' if write else 'rw'}", write)
        except sqlite3.OperationalError:
            log = Path(f"{self.file}-wal")
            if write or (log.exists() and log.stat().st_size):
                raise
            return self._opened(f"{address}?mode=ro&immutable=1", write)  # the directory takes no new files

    def _opened(self, address: str, write: bool) -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        try:
            if write and not _pragma(connection, "schema_version"):
                _prepare(connection)
            mark, form = _pragma(connection, "application_id"), _pragma(connection, "user_version")
            if mark != _MARK:
                raise BadInput(str(self.file), "is no store of results", "Name another directory.")
            if form != _FORMAT:
                age = "an older" if form < _FORMAT else "a newer"
                why = f"was written by {age} starfree (format {form}, not {_FORMAT})"
                raise BadInput(str(self.file), why, "Name another directory.")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _told(self, error: sqlite3.DatabaseError, write: bool) -> BadInput:
        """Return what to tell the user about an error of SQLite."""
        what, code = str(self.file), getattr(error, "sqlite_errorcode", 0) & 0xFF
        kept = "Runs that are finished are kept; make room and go on."
        if code == sqlite3.SQLITE_FULL:
            return BadInput(what, "the disk is full", kept)
        if code == sqlite3.SQLITE_IOERR and write and self.file.is_file():
            return BadInput(what, "cannot be written to the end: no space, or a limit on the size", kept)
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return BadInput(what, f"is no store of results ({error})", "Name another directory.")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return BadInput(what, f"was in use for {_PATIENCE:.0f} seconds", "Try again.")
        return BadInput(
            what, f"cannot be used ({error})", "Look at the rights of the file and its directory."
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _prepare(connection: sqlite3.Connection) -> None:
    """Make an empty database a store, unless another process does so at the same time."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:  # turning to WAL does not wait for others by itself
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
    connection.execute("BEGIN IMMEDIATE")
    if not _pragma(connection, "user_version"):
        keep = [
            _KEEP.format(table, verb) for table in ("runs", "bins", "points") for verb in ("UPDATE", "DELETE")
        ]
        for statement in [*_SCHEMA.split(";\n")[:-1], *keep]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_MARK}")
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
    connection.execute("COMMIT")


def _names(kind: type) -> list[str]:
    return [each.name for each in fields(kind)]


def _row(value: Any) -> list[Any]:
    """Return the columns of a value; numbers of NumPy become Python's, which SQLite would keep as bytes."""
    convert = {"int": int, "float": float, "str": str}
    return [
        json.dumps(part, sort_keys=True, default=lambda scalar: scalar.item())
        if isinstance(part, dict)
        else convert.get(str(each.type), lambda same: same)(part)
        for each, part in zip(fields(value), _shallow(value), strict=True)
    ]


def _shallow(value: Any) -> list[Any]:
    return [getattr(value, name) for name in _names(type(value))]


def _read(kind: Any, columns: Sequence[Any]) -> Any:
    """Return the value of a row; SQLite has null for what is no number."""
    values = []
    for each, part in zip(fields(kind), columns, strict=True):
        if str(each.type).startswith("dict"):
            part = json.loads(part)
        elif each.type == "float" and part is None:
            part = math.nan
        values.append(part)
    return kind(*values)


def _insert(connection: sqlite3.Connection, table: str, names: Sequence[str], row: Sequence[Any]) -> int:
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    return connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row).lastrowid or 0


def _parts(connection: sqlite3.Connection, kind: Any, table: str, rows: Any) -> dict[int, tuple[Any, ...]]:
    """Return the bins or points of the runs chosen, by the number of the run."""
    ids, found = {row[0]: row[2] for row in rows}, dict[int, list[Any]]()
    columns = ", ".join(f'"{name}"' for name in ("number", *_names(kind)[1:]))
    for number, *values in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2"):
        if number in ids:
            found.setdefault(number, []).append(_read(kind, (ids[number], *values)))
    return {number: tuple(parts) for number, parts in found.items()}

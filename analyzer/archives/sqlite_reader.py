"""In: the bytes of a SQLite database. Out: its tables as text, `column = value`, one at a time.

In the file itself values stand in a row without anything between them, so that nothing tells where
a key ends. The standard library reads it, in memory or from an unnamed copy, under limits: nothing
that the database defines is run, no view, no trigger, no function.
Formats and precautions: https://www.sqlite.org/fileformat.html, https://www.sqlite.org/security.html
"""

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from analyzer.archives.decompress import DamagedError
from analyzer.archives.signatures import looks_like_archive
from analyzer.archives.zip_reader import ArchiveEntry

_HELD = 64 << 20
"""Bytes of the largest database that is read in memory; a larger one is copied to disk."""
_PIECE = 256 << 10
_LONGEST_SCHEMA = 1 << 20
_MOST_COLUMNS, _MOST_TABLES = 2_000, 10_000
_STEP = 10_000
"""Instructions of SQLite's machine after which it asks whether to go on."""
_STEPS, _BYTES_OF_A_STEP = 1_000, 1_000
_READ, _LEAST_READ = 4, 1 << 20
"""How many times its size, and how many bytes at least, the values of a database may have, read
twice. Those of a sound one have less: each lies in the file once, be it in UTF-16.
"""
_VERSIONS = slice(18, 20)
"""Two bytes that say 2 where a write-ahead log is used, which can't be had for a copy."""
_CREATES = re.compile(r"CREATE\s+TABLE\b", re.IGNORECASE)
_TABLES = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 LIMIT ?"
_SCHEMA = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_NAME = re.compile(rb"[A-Za-z_][\w.:/-]{1,120}", re.ASCII)
_OF_NAMES = re.compile(
    rb"(?:name|key|id|option|setting|property|param|variable|field|attribute)s?$", re.IGNORECASE
)
_OF_VALUES = re.compile(rb"(?:value|val|content|data|text|string|setting|body)s?$", re.IGNORECASE)
_SHARED = "a SQLite database whose rows share their bytes: the rest of it is not read"
_UNREADABLE = "a SQLite database that can't be read, searched as bytes only"

_Cell = bytes | int | float | None


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with the columns that it stores; none that are computed."""

    name: str
    columns: tuple[bytes, ...]

    @property
    def query(self) -> str:
        columns = ", ".join(
            _quote(each.decode("utf-8", "surrogateescape")) for each in self.columns
        )
        return f"SELECT {columns} FROM {_quote(self.name)}"  # noqa: S608 - quoted, and read only


class _Reader:
    """A database whose rows are read, as long as they have no more bytes than the file can hold.

    Rows can share their overflow pages, and tables their rows: so a few megabytes could be read
    for years.
    """

    __slots__ = ("_database", "_left")

    def __init__(self, database: sqlite3.Connection, size: int) -> None:
        self._database, self._left = database, _LEAST_READ + _READ * size

    def rows(self, table: _Table) -> Iterator[tuple[_Cell, ...]]:
        """The rows of a table; raises DamagedError where they are too much."""
        for row in self._database.execute(table.query):
            self._left -= sum(len(cell) for cell in row if isinstance(cell, bytes))
            if self._left < 0:
                raise DamagedError(_SHARED)
            yield row


def read_sqlite(data: memoryview) -> Iterator[ArchiveEntry]:
    """The schema and every table as text, then the archives that are values in it.

    A row is a paragraph of `column = value`; where a table has names and values in its rows, a row
    is one line `name = value`. Raises DamagedError where nothing further can be read. Takes time
    linear in the size, and no more memory than twice the size, or 64 MB, or one row.
    """
    try:
        with _open(data) as database:
            tables, reader = _list_tables(database), _Reader(database, len(data))
            yield ArchiveEntry("schema", _read_schema(database), 0)
            for table in tables:
                yield ArchiveEntry(table.name, _read_rows(reader, table), 0)
                yield from _read_archives(reader, table)
    except (sqlite3.Error, OSError, OverflowError, UnicodeError, MemoryError) as fault:
        raise DamagedError(_describe(fault)) from fault


@contextmanager
def _open(data: memoryview) -> Iterator[sqlite3.Connection]:
    """The database, read only and under limits."""
    if len(data) <= _HELD:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
            copy = bytearray(data)
            copy[_VERSIONS] = b"\1\1"
            database.deserialize(copy)
            yield _restrict(database, len(data))
        return
    with tempfile.NamedTemporaryFile(prefix="credaudit-", suffix=".db") as copied:
        for at in range(0, len(data), _PIECE):
            copied.write(data[at : at + _PIECE])
        copied.seek(_VERSIONS.start)
        copied.write(b"\1\1")
        copied.flush()
        uri = f"{Path(copied.name).as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as database:
            yield _restrict(database, len(data))


def _restrict(database: sqlite3.Connection, size: int) -> sqlite3.Connection:
    """Lets nothing be done but to read what tables store, for a number of steps."""
    database.text_factory = bytes
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(size, _LONGEST_SCHEMA))
    database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_SCHEMA)
    database.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
    for pragma in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "query_only = ON",
        "mmap_size = 0",
    ):
        database.execute(f"PRAGMA {pragma}")
    steps = _STEPS + size // _BYTES_OF_A_STEP

    def is_too_long() -> bool:
        nonlocal steps
        steps -= 1
        return steps < 0

    database.set_progress_handler(is_too_long, _STEP)
    database.set_authorizer(_authorize)
    return database


def _authorize(
    action: int, first: str | None, _second: str | None, _database: str | None, inner: str | None
) -> int:
    """Allows to read a table and to list its columns; nothing from within a view or trigger."""
    is_listing = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    is_allowed = inner is None and (action in _ALLOWED or is_listing)
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


def _list_tables(database: sqlite3.Connection) -> list[_Table]:
    """The tables whose rows lie in the file; raises DamagedError where there are too many."""
    tables = []
    rows = database.execute(_TABLES, (_MOST_TABLES + 1,)).fetchall()
    if len(rows) > _MOST_TABLES:
        raise DamagedError(f"{_UNREADABLE}: it has more than {_MOST_TABLES} tables")
    for name, sql in rows:
        if not isinstance(name, bytes) or not isinstance(sql, bytes):
            continue
        if not _CREATES.match(sql.decode("utf-8", "replace")):
            continue
        decoded = name.decode("utf-8", "replace")
        listed = database.execute(f"PRAGMA table_xinfo({_quote(decoded)})").fetchall()
        # The last value of a row is not 0 for a column that is computed or hidden.
        if columns := tuple(each[1] for each in listed if each[-1] == 0):
            tables.append(_Table(decoded, columns))
    return tables


def _read_schema(database: sqlite3.Connection) -> Iterator[bytes]:
    """The statements that define the database: defaults and comments are in them."""
    try:
        for (sql,) in database.execute(_SCHEMA):
            yield _bytes(sql) + b";\n\n"
    except sqlite3.Error as fault:
        raise DamagedError(_describe(fault)) from fault


def _read_rows(reader: _Reader, table: _Table) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    try:
        for row in reader.rows(table):
            text = _render(table.columns, row)
            held.append(text)
            size += len(text)
            if size >= _PIECE:
                yield b"".join(held)
                held, size = [], 0
    except (sqlite3.Error, OverflowError, MemoryError) as fault:
        yield b"".join(held)
        raise DamagedError(f"the rest of the table is not read: {_describe(fault)}") from fault
    yield b"".join(held)


def _render(columns: tuple[bytes, ...], row: tuple[_Cell, ...]) -> bytes:
    """One row: `column = value` for each cell, or `name = value` where it has these in two."""
    lines: list[bytes] = []
    name = b""
    is_named = False
    for column, cell in zip(columns, row, strict=True):
        if cell is None or _is_archive(cell):
            continue
        value = _bytes(cell)
        if name and _OF_VALUES.search(column):
            # The line of the name itself says no more.
            lines[-1] = b"%s = %s\n" % (name, value)
            is_named, name = True, b""
            continue
        name = value if _OF_NAMES.search(column) and _NAME.fullmatch(value) else b""
        lines.append(b"%s = %s\n" % (column, value))
    # A row of a name and its value alone is one line, so that rows stand together.
    return b"".join(lines) if is_named else b"".join(lines) + b"\n"


def _read_archives(reader: _Reader, table: _Table) -> Iterator[ArchiveEntry]:
    """The values of a table that are archives or compressed."""
    try:
        for number, row in enumerate(reader.rows(table), 1):
            for column, cell in zip(table.columns, row, strict=True):
                if isinstance(cell, bytes) and _is_archive(cell):
                    name = f"{table.name}/{column.decode('utf-8', 'replace')}, row {number}"
                    yield ArchiveEntry(name, memoryview(cell), len(cell))
    except sqlite3.Error:
        return  # told of with the rows


def _is_archive(cell: _Cell) -> bool:
    return isinstance(cell, bytes) and looks_like_archive(cell)


def _bytes(cell: _Cell) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode()


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _describe(fault: Exception) -> str:
    """Why, without the message of the library: it may quote content."""
    return f"{_UNREADABLE}: {getattr(fault, 'sqlite_errorname', type(fault).__name__)}"

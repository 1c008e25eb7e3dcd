"""In: databases that a test makes. Out: the proof that their tables are read, and nothing run."""

import gzip
import io
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from analyzer.archives import sqlite_reader
from analyzer.archives.budget import Budget
from analyzer.archives.members import OpeningRules, iter_members
from analyzer.archives.sqlite_reader import read_sqlite
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.scan import scan
from tests.archives.archive_material import a_zip, looked_into
from tests.leaks.leak_material import Repository, credentials_file, digest, key_id, secret

PAIR = (key_id(), secret())
TABLES = {
    "two columns": ("aws(id integer primary key, access_key text, secret_key text)", [(1, *PAIR)]),
    "adjoining without names": ("t(a text, b text)", [PAIR]),
    "secret first": ("t(b text, a text)", [PAIR[::-1]]),
    "name and value": (
        "conf(name text, value text)",
        [("AWS_ACCESS_KEY_ID", PAIR[0]), ("AWS_SECRET_ACCESS_KEY", PAIR[1])],
    ),
    "WordPress options": (
        "wp_options(option_id integer, option_name text, option_value text, autoload text)",
        [(1, "s3_access_key", PAIR[0], "yes"), (2, "s3_secret_key", PAIR[1], "yes")],
    ),
    "Airflow": (
        "connection(conn_id text, conn_type text, login text, password text, extra text)",
        [("aws_default", "aws", *PAIR, "{}")],
    ),
    "JSON": (
        "t(i integer, j text)",
        [(1, f'{{"id": "{PAIR[0]}", "secretAccessKey": "{PAIR[1]}"}}')],
    ),
    "a file in a cell": ("files(name text, body text)", [("credentials", credentials_file())]),
    "a blob": ("files(name text, body blob)", [("credentials", credentials_file().encode())]),
    "a compressed blob": ("f(n text, b blob)", [("a", gzip.compress(credentials_file().encode()))]),
    "without row ids": ("t(k text primary key, a text, b text) without rowid", [("k", *PAIR)]),
    "a long cell": ("t(a text, b text)", [("x" * 200_000, credentials_file())]),
    "an odd name": ('"a ""b"" c"("x ""y""" text, secret text)', [PAIR]),
    "a computed column": ("t(a text, s text, c text as (a || 'x') stored)", [PAIR]),
}


def database(*statements: str, rows: tuple[str, list] | None = None, pragma: str = "") -> bytes:
    """A database of one table, or of what the statements make."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        if pragma:
            made.execute(f"PRAGMA {pragma}")
        for statement in statements:
            made.execute(statement)
        if rows:
            schema, values = rows
            made.execute(f"CREATE TABLE {schema}")
            name = schema[: schema.rindex('"(') + 1] if schema[0] == '"' else schema.split("(")[0]
            marks = ", ".join("?" * len(values[0]))
            columns = "(a, s)" if " as " in schema else ""
            made.executemany(f"INSERT INTO {name}{columns} VALUES ({marks})", values)  # noqa: S608
        return made.serialize()


def text(data: bytes) -> dict[str, str]:
    """The tables as text, by name."""
    read = {}
    for entry in read_sqlite(memoryview(data)):
        content = entry.content
        body = bytes(content) if isinstance(content, memoryview) else b"".join(content)
        read[entry.name] = body.decode()
    return read


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize(
    "pragma", ["encoding = 'UTF-8'", "encoding = 'UTF-16le'", "page_size = 512"]
)
def test_a_pair_in_a_table_is_found_whole(rows, pragma):
    """Whatever the columns are called and however they lie; nothing is skipped."""
    result = scan_bytes(database(rows=rows, pragma=pragma))
    assert not result.skipped
    pairs = {(each.key_id, each.digest) for each in result.sightings if each.digest}
    assert pairs == {(key_id(), digest())}


@pytest.mark.parametrize("wrap", [
    lambda data: a_zip({"app/my.db": data}), gzip.compress,
    lambda data: gzip.compress(a_zip({"my.db": data}, zipfile.ZIP_STORED)),
])  # fmt: skip
def test_a_database_in_an_archive_is_read(wrap):
    """By its content, whatever its name is."""
    result = scan_bytes(wrap(database(rows=TABLES["Airflow"])))
    assert {each.digest for each in result.sightings if each.key_id} == {digest()}
    assert all("connection" in each.member for each in result.sightings)
    assert not result.skipped


def test_a_database_in_the_history_is_read(repo: Repository):
    """The place is the table, in the commit that brought it in."""
    commit = repo.put("app.db", database(rows=TABLES["two columns"]))
    (repo.path / "app.db").unlink()
    (credential,) = scan([repo.path]).credentials
    assert credential.secret_digest == digest()
    assert {(each.path, each.line, each.commit) for each in credential.occurrences} == {
        ("app.db!/aws", 2, commit)
    }


def test_a_database_on_disk_is_read_with_a_log_ahead(tmp_path: Path):
    """One in that mode is read without its log, and the log is told of: it may hold newer rows."""
    with closing(sqlite3.connect(tmp_path / "app.db", isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE t(a text, b text)")
        made.execute("INSERT INTO t VALUES (?, ?)", PAIR)
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        made.execute("INSERT INTO t VALUES ('c', 'd')")
        (coverage,) = (result := scan([tmp_path])).repositories
    assert [each.secret_digest for each in result.credentials] == [digest()]
    assert [(each.what, each.is_gap) for each in coverage.skipped] == [("app.db-wal", True)]


def test_a_large_database_is_read_from_a_copy(monkeypatch):
    """What is too large for memory, too."""
    monkeypatch.setattr(sqlite_reader, "_HELD", 100)
    assert text(database(rows=TABLES["adjoining without names"]))["t"] == (
        f"a = {PAIR[0]}\nb = {PAIR[1]}\n\n"
    )


def test_rows_are_paragraphs_and_names_are_names():
    """Empty cells are left out; what stands beside a name is its value."""
    made = text(
        database(
            "CREATE TABLE a(x text, y integer, z real)",
            "INSERT INTO a VALUES ('one', 1, 0.5), (NULL, 2, NULL)",
            "CREATE TABLE b(name text, value text)",
            "INSERT INTO b VALUES ('USER', 'ann'), ('no name at all', 'x')",
        )
    )
    assert made["a"] == "x = one\ny = 1\nz = 0.5\n\ny = 2\n\n"
    assert made["b"] == "USER = ann\nname = no name at all\nvalue = x\n\n"
    assert made["schema"].startswith("CREATE TABLE a(x text")


def test_nothing_that_a_database_defines_is_run():
    """Views, computed columns and virtual tables are left: no expression of theirs is asked for."""
    made = text(
        database(
            "CREATE TABLE t(a text, boom text AS (hex(zeroblob(400000000))) VIRTUAL)",
            "INSERT INTO t(a) VALUES ('x')",
            "CREATE VIEW v AS SELECT hex(zeroblob(400000000)) AS b",
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT hex(zeroblob(400000000)); END",
            "CREATE VIRTUAL TABLE f USING fts5(c)",
        )
    )
    assert made["t"] == "a = x\n\n"
    assert not made.keys() & {"v", "f", "g"}


def test_a_view_that_passes_for_a_table_is_not_run():
    """The schema may say anything: a view that calls itself a table stays closed."""
    data = database(
        "CREATE TABLE t(a text)",
        "INSERT INTO t VALUES ('x')",
        "CREATE VIEW v AS SELECT upper(a) AS b FROM t",
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET type = 'table', rootpage = 2 WHERE name = 'v'",
    )
    read, closed = looked_into(data)
    assert not any("X" in body.decode("latin-1") for name, body in read.items() if name == "v")
    assert "v" not in read or closed


@pytest.mark.parametrize("spoil", [
    lambda data: data[: len(data) // 2],
    lambda data: data[:100] + b"\xff" * (len(data) - 100),
    lambda data: data[:16] + struct.pack(">H", 3) + data[18:],
    lambda data: data[:16],
])  # fmt: skip
def test_a_database_that_can_not_be_read_is_a_gap(spoil):
    """It is searched as bytes, and that is said."""
    data = spoil(database(rows=TABLES["a file in a cell"]))
    result = scan_bytes(data + b"\n" + credentials_file(1).encode())
    assert key_id(n=1) in {each.key_id for each in result.sightings}
    assert [each.is_gap for each in result.skipped] == [True]
    assert "searched as bytes only" in result.skipped[0].reason


def test_damage_within_a_table_costs_the_rest_of_it():
    """What was read before counts, and the other tables are read."""
    data = database(
        "CREATE TABLE a(x text)",
        "INSERT INTO a VALUES ('first')",
        "INSERT INTO a SELECT printf('%0900d', value) FROM "
        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 400) "
        "SELECT value FROM n)",
        "CREATE TABLE b(name text, value text)",
        "INSERT INTO b VALUES ('id', '%s'), ('secret', '%s')" % PAIR,  # noqa: S608, UP031
    )
    pages = [data[at : at + 4096] for at in range(0, len(data), 4096)]
    pages[40] = b"\xff" * 4096
    result = scan_bytes(b"".join(pages))
    assert {each.digest for each in result.sightings if each.key_id} == {digest()}
    assert [(each.what, each.is_gap) for each in result.skipped] == [("a", True)]


def test_a_table_that_shares_its_pages_ends():
    """A page may name itself as its own children, and each row counts then."""
    with io.BytesIO(
        database(
            "CREATE TABLE a(x text)",
            "INSERT INTO a SELECT printf('%0900d', value) FROM "
            "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 900) "
            "SELECT value FROM n)",
        )
    ) as file:
        data = bytearray(file.getvalue())
    root = 4096
    count = struct.unpack_from(">H", data, root + 3)[0]
    assert data[root] == 5, "the root is an inner page"
    for n in range(count):
        at = struct.unpack_from(">H", data, root + 12 + 2 * n)[0]
        first = struct.unpack_from(">I", data, root + struct.unpack_from(">H", data, root + 12)[0])
        struct.pack_into(">I", data, root + at, *first)
    assert len(looked_into(bytes(data))[0]["a"]) < 10 * len(data)


NUMBERS = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n LIMIT 500) "


@pytest.mark.parametrize("value", ["printf('%0900d', v)", "x'1f8b08' || printf('%0900d', v)"])
def test_tables_that_share_their_rows_are_not_read_for_ever(value, monkeypatch):
    """A schema may name the same page a thousand times: that much is not in the file."""
    data = database(
        "CREATE TABLE a(x blob)",
        f"{NUMBERS} INSERT INTO a SELECT cast({value} as blob) FROM n",  # noqa: S608
        "PRAGMA writable_schema = ON",
        f"{NUMBERS} INSERT INTO sqlite_schema SELECT 'table', 't' || v, 't' || v, a.rootpage, "  # noqa: S608
        "'CREATE TABLE t' || v || '(x)' FROM n, sqlite_schema a WHERE a.name = 'a'",
    )
    read = 0

    def counting(cell):
        nonlocal read
        read += len(cell) if isinstance(cell, bytes) else 0
        return is_archive(cell)

    is_archive = sqlite_reader._is_archive  # noqa: SLF001 - is asked of every value
    monkeypatch.setattr(sqlite_reader, "_is_archive", counting)
    _, closed = looked_into(data)
    assert len(data) < read < 10 * len(data)
    assert any("share their bytes" in reason for reason in closed.values())


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_a_sound_database_is_read_to_its_end(encoding):
    """However large its values are, and however they are encoded."""
    data = database(
        f"PRAGMA encoding = '{encoding}'",
        "CREATE TABLE a(x text)",
        f"{NUMBERS} INSERT INTO a SELECT replace(printf('%02000d', v), '0', '\u4e00') FROM n",  # noqa: S608
    )
    assert text(data)["a"].count("x = ") == 500


def test_evidence_gets_a_database_as_it_is():
    """No export comes as a database: strict rules open none."""
    data = database(rows=TABLES["two columns"])
    (member,) = iter_members(data, Budget(), "my.db", OpeningRules(is_strict=True))
    assert (member.name, member.data) == ("my.db", data)

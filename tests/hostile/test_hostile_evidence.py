"""In: evidence made by an enemy. Out: the proof that it becomes a problem and stops nothing."""

import base64
import gzip
import io
import json
import os
import random
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence import input_files
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.input_files import DEEPEST_FOLDER, LARGEST_FILE
from analyzer.evidence.loading import Evidence, load_evidence
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    ACCOUNT,
    artifact,
    details,
    faults,
    notes,
    put,
    report,
    row,
    rows,
    table,
    tarred,
    user,
    wrapper,
    zipped,
)
from tests.hypothesis_profiles import examples

GOOD = {"good.csv": report()}
DEEPEST = 5
"""Three .tar.gz, which are two layers each, and two .zip: the eight layers that are opened."""


def beside(tmp_path, name: str, content: str | bytes) -> Evidence:
    """What is read of a bad file beside a good one; the good one always is."""
    evidence = load_evidence((put(tmp_path / "in", {name: content} | GOOD),))
    assert artifact(evidence, "good.csv").rows == 2
    build_accounts(evidence)
    return evidence


def nested(depth: int) -> bytes:
    """A report in so many archives."""
    data = report().encode()
    for level in range(depth):
        data = (zipped if level % 2 else tarred)({"inner": data})
    return data


def tar_of(*entries: tarfile.TarInfo) -> bytes:
    """A tar of entries without content, and a report behind them."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for entry in entries:
            archive.addfile(entry)
        last = tarfile.TarInfo("last.csv")
        last.size = len(report())
        archive.addfile(last, io.BytesIO(report().encode()))
    return made.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A tar entry of the kind."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def boasting_zip(size: int) -> bytes:
    """A zip that claims, in all its headers, that its first member unpacks to the size."""
    data = bytearray(zipped({"a": b"0" * 100, "b.csv": report()}))
    struct.pack_into("<I", data, 22, size)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def boasting_tar(size: int) -> bytes:
    """A tar whose only header claims the size and carries nothing."""
    made = entry("a")
    made.size = size
    return made.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024


BROKEN_ARCHIVES = {
    "deeper than is opened": nested(DEEPEST + 1),
    "a zip that claims 4 GB": boasting_zip(2**32 - 2),
    "a tar that claims a terabyte": boasting_tar(2**40),
    "a tar that claims more than any disk": boasting_tar(2**80),
    "a tar of negative size": boasting_tar(-1024),
    "a truncated tar.gz": tarred({"a.csv": report() * 50})[:-40],
    "a truncated zip": zipped({"a.csv": report()})[:-30],
    "a zip of nothing but its mark": b"PK\x03\x04" + b"\0" * 40,
    "a gzip of nothing but its mark": b"\x1f\x8b",
    "a gzip with a false checksum": gzip.compress(report().encode())[:-8] + b"\0" * 8,
    "a tar of nothing but its mark": b"\0" * 257 + b"ustar\x0000" + b"\0" * 2000,
}  # fmt: skip


@pytest.mark.parametrize("data", BROKEN_ARCHIVES.values(), ids=BROKEN_ARCHIVES)
def test_a_hostile_archive_is_a_problem(tmp_path, data):
    """Whatever an archive claims, it is told as a problem."""
    assert "in/bad" in faults(beside(tmp_path, "bad", data).problems)


def test_as_deep_as_allowed_is_opened(tmp_path):
    """The limit is where it is said to be."""
    assert len(rows(beside(tmp_path, "bad", nested(DEEPEST)))) == 4


@pytest.mark.parametrize("size", [10, 2**32 - 2])
def test_a_member_of_another_size_than_stated_is_damaged(tmp_path, size):
    """A lie about a size costs the member that it is about, and no other."""
    evidence = beside(tmp_path, "bad.zip", boasting_zip(size))
    fault = f"in/bad.zip!a: damaged: has 100 bytes, and the archive states {size}"
    assert fault in faults(evidence.problems)
    assert [each.path for each in evidence.artifacts] == ["in/bad.zip!b.csv", "in/good.csv"]
    assert artifact(evidence, "bad.zip!b.csv").rows == 2


@pytest.mark.parametrize(
    ("file", "total", "fault"),
    [
        (1000, 10_000, "in/bad.zip!inner!b: unpacks to more than"),
        (5000, 7000, "in/bad.zip!inner!c: it would unpack"),
    ],
)
def test_a_budget_is_shared_by_all_that_is_unpacked(tmp_path, monkeypatch, file, total, fault):
    """No member exceeds the limit of a file, and all archives in one that of the whole."""
    monkeypatch.setattr(input_files, "LARGEST_FILE", file)
    monkeypatch.setattr(input_files, "LARGEST_TOTAL", total)
    inner = zipped({"a": "{}", "b": " " * 4000, "c": " " * 4000})
    evidence = beside(tmp_path, "bad.zip", zipped({"inner": inner}))
    assert fault in faults(evidence.problems)
    assert artifact(evidence, "inner!a").size == 2


@pytest.mark.parametrize(
    "bad",
    [
        entry("link", tarfile.SYMTYPE, "/etc/passwd"),
        entry("link", tarfile.LNKTYPE, "last.csv"),
        entry("device", tarfile.CHRTYPE),
        entry("disk", tarfile.BLKTYPE),
        entry("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda each: each.type.decode(),
)
def test_what_is_no_file_in_a_tar_is_told_and_left(tmp_path, bad):
    """Links and devices are never followed; the file behind them is read."""
    evidence = beside(tmp_path, "bad.tar", tar_of(bad))
    assert f"in/bad.tar!{bad.name}: is not a regular file" in faults(evidence.problems)
    assert artifact(evidence, "last.csv").rows == 2


@pytest.mark.parametrize(
    "name", ["/etc/report.csv", "../../report.csv", "a/../../b.csv", "C:\\x.csv"]
)
@pytest.mark.parametrize("pack", [zipped, tarred], ids=["zip", "tar"])
def test_names_that_climb_out_write_nothing(tmp_path, name, pack):
    """Nothing is unpacked to disk, so such a name is only a name."""
    before = sorted(tmp_path.rglob("*"))
    evidence = beside(tmp_path, "bad", pack({name: report()}))
    assert len(rows(evidence)) == 4
    assert {each.name for each in set(tmp_path.rglob("*")) - set(before)} == {
        "in",
        "bad",
        "good.csv",
    }


def test_an_encrypted_member_is_told_and_the_others_are_read(tmp_path):
    """A zip with a password is told as such."""
    data = bytearray(zipped({"a.csv": report(), "b.csv": report()}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    evidence = beside(tmp_path, "bad.zip", bytes(data))
    assert "in/bad.zip!a.csv: encrypted" in faults(evidence.problems)
    assert artifact(evidence, "b.csv").rows == 2


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damage_under_any_compression_is_a_problem(tmp_path, method):
    """Each decompressor has its own errors; all of them end as a problem."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("a.csv", random.Random(1).randbytes(2000))  # noqa: S311 - no secret
    data = bytearray(made.getvalue())
    data[60:1000] = b"\xff" * 940
    assert "in/bad.zip!a.csv: damaged" in faults(beside(tmp_path, "bad.zip", bytes(data)).problems)


ARCHIVES = [
    zipped({"a.csv": report(), "b/c.json": "{}"}),
    tarred({"a.csv": report()}, compress=False),
]


@given(
    data=st.sampled_from(ARCHIVES),
    changes=st.lists(
        st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=12)), max_size=6
    ),
)
@examples(1)
def test_no_damage_to_an_archive_raises(tmp_path_factory, data, changes):
    """Whatever bytes are written over an archive, its neighbour is read and nothing made up."""
    damaged = bytearray(data)
    for at, new in changes:
        damaged[at % len(data) : at % len(data) + len(new)] = new
    evidence = beside(tmp_path_factory.getbasetemp(), "damaged", bytes(damaged))
    assert {each.path.partition("!")[0] for each in evidence.artifacts} <= {
        "in/good.csv",
        "in/damaged",
    }


def test_a_zip_archive_whose_list_of_files_is_damaged_is_a_problem(tmp_path):
    """One byte, and none of its files is read: that must be told."""
    damaged = bytearray(ARCHIVES[0])
    damaged[damaged.index(b"PK\x01\x02")] = 0
    assert "in/bad.zip" in faults(beside(tmp_path, "bad.zip", bytes(damaged)).problems)


def deep(depth: int, inner: str = "1") -> str:
    """JSON so deep."""
    return "[" * depth + inner + "]" * depth


BAD_TEXTS = {
    "deep JSON": '{"UserDetailList": ' + deep(100_000) + "}",
    "deep objects": '{"a":' * 100_000,
    "deep YAML": "UserDetailList: " + "[" * 100_000,
    "deep YAML blocks": "\n".join(" " * n + "aaaa:" for n in range(300)),
    "a number of 100,000 digits": '{"SummaryMap": {"Users": ' + "9" * 100_000 + "}}",
    "keys twice": '{"SummaryMap": {}, "SummaryMap": {"Users": 1}}',
    "keys twice in YAML": "SummaryMap: {}\nSummaryMap: {Users: 1}\n",
    "YAML aliases": "aaaa: &a [x, x]\nbbbb: &b [*a, *a, *a]\nSummaryMap: [*b, *b, *b]\n",
    "YAML with Python in it": "SummaryMap: !!python/object/apply:os.system ['touch pwned']\n",
    "YAML with a broken time": "SummaryMap: !!timestamp never\n",
    "YAML with a broken number": 'SummaryMap: !!int ""\n',
    "YAML with a broken truth": "SummaryMap: !!bool perhaps\n",
    "YAML with lists for keys": "SummaryMap:\n  ? [a]\n  : 1\n",
    "nothing": "",
    "blanks": " \n\t" * 1000,
    "binary": bytes(range(256)) * 100,
    "NULs": b"\0" * 5000,
    "half of UTF-16": report().encode("utf-16")[:-1],
    "prose": "Dear auditor,\nplease find attached.\n",
    "an open list": "[",
    "a list of numbers": "[1, 2, 3]",
    "a bare string": '["x"]',
    "base64 of nothing we know": base64.b64encode(b"\0\1\2" * 200),
    "blanks that regular expressions dislike": "A" + " " * 200_000 + "!",
    "base64 that regular expressions dislike": "A" * 200_000 + "!",
    "a header alone of tabs": "\t" * 100_000,
    "bytes that run on": wrapper("", content="b'" + "+b''" * 50_000),
    "deep bytes": wrapper("", content="b'" + "(" * 50_000),
}  # fmt: skip


@pytest.mark.parametrize("content", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_hostile_text_is_a_problem(tmp_path, monkeypatch, content):
    """It is refused in one sentence with the file's name, and nothing in it runs."""
    monkeypatch.chdir(tmp_path)
    evidence = beside(tmp_path, "bad", content)
    assert "in/bad" in faults(evidence.problems)
    assert artifact(evidence, "bad").kind is ExportKind.UNRECOGNISED
    assert not (tmp_path / "pwned").exists()


ODD_TEXTS = {
    "no number": '{"SummaryMap": {"Users": NaN, "Groups": Infinity}}',
    "a large number": '{"SummaryMap": {"Users": ' + "9" * 4000 + "}}",
    "half a character": '{"AccountAliases": ["\\ud800"]}',
    "half a character as a key": '{"AccountAliases": [{"\\udfff": "\\ud800"}]}',
    "keys that are numbers": "AccountAliases: []\n1: x\n2.5: y\ntrue: z\n~: nothing\n",
    "lists of the wrong things": json.dumps(
        details(*[None, 1, "x", [], {}, {"Arn": 7}, user(GroupList="x", Tags=[1], CreateDate=[])])
    ),
    "sections of the wrong kind": '{"UserDetailList": "x", "RoleDetailList": 7, "Policies": true}',
    "keys twice, far down": '{"SummaryMap": [{"a": {"b": 1, "b": 2}}]}',
    "deep, but not too deep": json.dumps(details(user(Tags=json.loads(deep(400))))),
    "unbalanced quotes": report().replace("ann", '"ann', 1),
    "a name of control characters": table(row("a\x1b[2J\u202eb\x00\x7f")),
    "a name of 100 kB": table(row("x" * 50_000)),
    "a name of 200 kB": table(row("x" * 200_000)),
    "a cell of 1 MB": table(row("x" * 1_000_000)),
    "two headers": table() + "\n" + table(),
    "a wide object": json.dumps({f"k_{n}": n for n in range(200_000)} | {"SummaryMap": {}}),
    "a wide entry": json.dumps(details(user(**{f"k_{n}": n for n in range(100_000)}))),
}


FAULTS_OF_ODD_TEXTS = {
    "unbalanced quotes": "in/odd: 1 row(s)",
    "sections of the wrong kind": "in/odd: is JSON, but no answer",
    "keys twice, far down": "in/odd: holds the key 'b' twice",
}
"""Those of them that lose something; of the others each row is read, or noted as unreadable."""


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_an_odd_text_is_read_for_what_it_is(tmp_path, name):
    """Strange values are kept, or left out with a problem that says so; nothing is raised."""
    evidence = beside(tmp_path, "odd", ODD_TEXTS[name])
    fault = FAULTS_OF_ODD_TEXTS.get(name, "")
    assert faults(evidence.problems).startswith(fault)
    assert bool(evidence.problems) is bool(fault)


@pytest.mark.parametrize("length", [200_000, 1_000_000])
def test_a_row_with_a_cell_of_any_length_is_kept_and_not_trusted(tmp_path, length):
    """It counts as a row, and its note says that its values can't be trusted."""
    found = artifact(beside(tmp_path, "odd", table(row("x" * length))), "odd")
    assert found.rows == 1
    assert any("can't be trusted" in note.text for note in found.notes)


@given(st.text() | st.binary())
@examples(1)
def test_no_content_raises(tmp_path_factory, content):
    """Any bytes at all are an export or a problem."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="replace"))
    evidence = load_evidence((path,))
    assert evidence.problems or evidence.artifacts[0].kind is not ExportKind.UNRECOGNISED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "IsTruncated", "SummaryMap",
     "AccessKeyMetadata", "VirtualMFADevices", "MFADevices", "LoginProfile", "Accounts", "account",
     "findings", "calls", "credaudit_pack", "Content", "ReportFormat", "GeneratedTime", "message",
     "AccountAliases", "analyzers"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["Arn", "UserName", "CreateDate", "GroupList", "AttachedManagedPolicies", "Tags", "Id", "Key",
     "PolicyVersionList", "Document", "IsDefaultVersion", "RoleLastUsed", "SerialNumber", "User",
     "AccessKeyId", "Status", "file", "started", "PolicyName", "UserPolicyList", "PolicyDocument"]
)  # fmt: skip
ENTRY = st.dictionaries(FIELDS, JSON | st.just(f"arn:aws:iam::{ACCOUNT}:user/ann"), max_size=5)


@given(st.dictionaries(NAMES, JSON | st.lists(ENTRY, max_size=3), max_size=4))
@examples(1)
def test_no_document_raises(tmp_path_factory, document):
    """Known names with values of any shape are joined or left out."""
    folder = put(tmp_path_factory.getbasetemp() / "shape", {"x.json": json.dumps(document)} | GOOD)
    evidence = load_evidence((folder,))
    accounts, _ = build_accounts(evidence)
    assert ACCOUNT in {each.id for each in accounts}


def test_an_object_without_end_of_keys_is_no_export(tmp_path):
    """The kind of a document is told in one look at its keys, however many there are."""
    evidence = beside(tmp_path, "wide", json.dumps([{f"K_{n}": n for n in range(300_000)}]))
    assert artifact(evidence, "wide").kind is ExportKind.UNRECOGNISED


def test_what_is_no_file_in_a_folder_is_told_and_left(tmp_path):
    """A pipe would block for ever, a link may lead anywhere, a loop has no end."""
    folder = put(tmp_path / "in", GOOD)
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder)
    (folder / "itself").symlink_to("itself")
    (folder / "outside").symlink_to("/etc/passwd")
    evidence = load_evidence((folder,))
    assert [each.path for each in evidence.artifacts] == ["in/good.csv"]
    told = faults(evidence.problems)
    assert "in/pipe: is not a regular file" in told
    assert all(
        f"in/{name}: a link is not followed" in told for name in ("loop", "itself", "outside")
    )


@pytest.mark.parametrize("given_", ["gone", "itself", "pipe"])
def test_an_input_that_can_not_be_opened_is_a_problem(tmp_path, given_):
    """What was named and is not there, or no file, is told; the rest goes on."""
    (tmp_path / "itself").symlink_to("itself")
    os.mkfifo(tmp_path / "pipe")
    evidence = load_evidence((tmp_path / given_, put(tmp_path / "in", GOOD)))
    assert given_ in faults(evidence.problems)
    assert len(evidence.artifacts) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
@pytest.mark.parametrize("name", ["in/secret.csv", "in/closed"])
def test_what_may_not_be_read_is_a_problem(tmp_path, name):
    """Missing permission costs the file, not the run."""
    folder = put(tmp_path / "in", GOOD | {"secret.csv": report(), "closed/a.csv": report()})
    (tmp_path / name).chmod(0)
    evidence = load_evidence((folder,))
    (tmp_path / name).chmod(0o700)
    assert name in faults(evidence.problems)
    assert artifact(evidence, "good.csv").rows == 2


def test_folders_without_end_are_told(tmp_path):
    """A tree deeper than any export's is cut off instead of exhausting the program."""
    folder = put(tmp_path / "in", GOOD)
    (folder / "/".join("d" * (DEEPEST_FOLDER + 2))).mkdir(parents=True)
    assert "folders are nested too deep" in faults(load_evidence((folder,)).problems)


@pytest.mark.parametrize(
    "name", ["a\nb.csv", "\x1b[2Jx.csv", "\u202excsv", "!x!.csv", "a b\\c.csv"]
)
@pytest.mark.parametrize("pack", [None, zipped, tarred], ids=["folder", "zip", "tar"])
def test_names_that_deceive_are_only_names(tmp_path, name, pack):
    """A name with line breaks, escapes or reversed text stands in the report as it is."""
    evidence = beside(
        tmp_path, *((name, report()) if pack is None else ("p", pack({name: report()})))
    )
    assert any(each.path.endswith(name) for each in evidence.artifacts)
    assert not evidence.problems


def test_a_name_that_is_no_text_is_read(tmp_path):
    """File names are bytes; one that is no UTF-8 does not stop the run."""
    folder = put(tmp_path / "in", GOOD)
    with open(os.fsencode(folder) + b"/\xff.csv", "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(report().encode())
    assert len(rows(load_evidence((folder,)))) == 4


def test_a_text_with_the_mark_of_a_tar_is_no_tar(tmp_path):
    """The word "ustar" at the place where tar has it does not hide a report."""
    text = json.dumps({"AccountAliases": ["x"], "pad": ""})
    padded = text.replace('"pad": "', '"pad": "' + "." * (257 - text.index('""') - 1) + "ustar  ")
    assert padded.encode()[257:262] == b"ustar"
    evidence = beside(tmp_path, "alias.json", padded)
    assert artifact(evidence, "alias.json").kind is ExportKind.ACCOUNT_ALIASES


def test_a_bomb_is_too_large(tmp_path):
    """A gzip that would unpack beyond the limit of a file is refused as too large."""
    stream = gzip.compress(b" " * (16 * 1024 * 1024))
    bomb = stream * (LARGEST_FILE // (16 * 1024 * 1024) + 1)
    evidence = beside(tmp_path, "bomb.gz", bomb)
    assert f"in/bomb.gz!bomb: unpacks to more than {LARGEST_FILE} bytes" in faults(
        evidence.problems
    )


def test_damage_never_hides_in_a_note(tmp_path):
    """The note of an unreadable cell is one line and shows control characters as escapes."""
    evidence = beside(tmp_path, "r.csv", table(row(mfa_active="\x1b[2J\u202e")))
    assert notes(evidence).isprintable()

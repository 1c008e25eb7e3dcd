"""In: one credential report in every container form. Out: the proof that all say the same."""

import base64
import csv
import gzip
import io
import json

import pytest

from analyzer.config import DateOrder
from analyzer.evidence.artifacts import EvidenceDefect
from analyzer.evidence.cells import MissingValue
from analyzer.evidence.credential_report import BOOL_COLUMNS, COLUMNS, TEXT_COLUMNS, TIME_COLUMNS
from analyzer.evidence.export_kinds import ExportKind
from analyzer.evidence.loading import load_evidence
from tests.evidence.export_material import (
    ACCOUNT,
    ANN,
    GENERATED,
    OLD_ROOT,
    OTHER,
    faults,
    notes,
    put,
    reading,
    report,
    root,
    row,
    rows,
    said,
    table,
    tarred,
    wrapper,
    zipped,
)

ROWS = (root(), row(**ANN), row("bob"))
PLAIN = table(*ROWS)
OTHERS = table(root(OTHER), row("eve", OTHER))
BOTH = (*ROWS, root(OTHER), row("eve", OTHER))
TURNED = tuple(reversed(COLUMNS))


def upper(text: str) -> str:
    """Truth values as a spreadsheet writes them."""
    return text.replace("true", "TRUE").replace("false", "FALSE")


def quoted(text: str) -> str:
    """Every cell within quotation marks."""
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        csv.reader(io.StringIO(text))
    )
    return made.getvalue()


def with_account(rows_: tuple[dict[str, str], ...]) -> str:
    """The rows with a first column that automation adds."""
    return table(
        *({"account": each["arn"].split(":")[4]} | each for each in rows_),
        columns=("account", *COLUMNS),
    )


def spaced(text: str) -> str:
    """The dates with a space, and without an offset."""
    return text.replace("T", " ").replace("+00:00", "").replace("N/A", "#N/A")


CONTAINERS: dict[str, str | bytes] = {
    "bare CSV": PLAIN,
    "final newline": PLAIN + "\n",
    "blank lines around it": f"\n\n{PLAIN}\n\n",
    "JSON wrapper, +00:00": wrapper(PLAIN),
    "JSON wrapper, Z": wrapper(PLAIN, "2026-03-31T08:00:00Z"),
    "JSON wrapper without time": wrapper(PLAIN, None),
    "JSON wrapper in camelCase": json.dumps(
        {"content": base64.b64encode(PLAIN.encode()).decode(), "generated_time": GENERATED}
    ),
    "Content decoded": wrapper(PLAIN, content=PLAIN),
    "Content as Python's bytes": wrapper(PLAIN, content=repr(PLAIN.encode())),
    "Content as Python's bytes in double quotes": wrapper(
        PLAIN, content='b"' + PLAIN.replace("\n", "\\n") + '"'
    ),
    "Content base64 in lines": wrapper(
        PLAIN, content=base64.encodebytes(PLAIN.encode()).decode()
    ),
    "bare base64": base64.b64encode(PLAIN.encode()),
    "bare base64 in lines": base64.encodebytes(PLAIN.encode()),
    "base64 of the wrapper": base64.b64encode(wrapper(PLAIN).encode()),
    "YAML wrapper": f"Content: {base64.b64encode(PLAIN.encode()).decode()}\n"
    f"GeneratedTime: '{GENERATED}'\nReportFormat: text/csv\n",
    "UTF-16 LE with mark": b"\xff\xfe" + PLAIN.encode("utf-16-le"),
    "UTF-16 BE with mark": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "UTF-16 LE": PLAIN.encode("utf-16-le"),
    "UTF-16 BE": PLAIN.encode("utf-16-be"),
    "UTF-16 wrapper": wrapper(PLAIN).encode("utf-16"),
    "UTF-32": PLAIN.encode("utf-32"),
    "UTF-8 with mark": PLAIN.encode("utf-8-sig"),
    "CR LF": PLAIN.replace("\n", "\r\n"),
    "UTF-16, CR LF, as PowerShell": PLAIN.replace("\n", "\r\n").encode("utf-16"),
    "semicolons": table(*ROWS, by=";"),
    "semicolons after a blank line": "\n" + table(*ROWS, by=";"),
    "tabs": table(*ROWS, by="\t"),
    "all quoted": quoted(PLAIN),
    "TRUE and FALSE": upper(PLAIN),
    "columns turned round": table(*ROWS, columns=TURNED),
    "header in capitals": PLAIN.replace(",".join(COLUMNS), ",".join(COLUMNS).upper()),
    "extra column": with_account(ROWS),
    "dates in Z": PLAIN.replace("+00:00", "Z"),
    "zip": zipped({"report.csv": PLAIN}),
    "zip, stored under no name": zipped({"a": PLAIN}),
    "tar": tarred({"report.csv": PLAIN}, compress=False),
    "tar.gz": tarred({"iam/report.csv": PLAIN}),
    "gzip": gzip.compress(PLAIN.encode()),
    "bundle in a bundle": zipped({"pack.tar.gz": tarred({"x/report.json": wrapper(PLAIN)})}),
}  # fmt: skip
CONTAINERS_OF_TWO: dict[str, str | bytes] = {
    "back to back": f"{PLAIN}\n{OTHERS}",
    "back to back without a line break": f"{PLAIN}{OTHERS}",
    "back to back with marks": PLAIN.encode("utf-8-sig") + b"\n" + OTHERS.encode("utf-8-sig"),
    "back to back with marks and no break": PLAIN.encode("utf-8-sig") + OTHERS.encode("utf-8-sig"),
    "the second in another order": f"{PLAIN}\n"
    + table(root(OTHER), row("eve", OTHER), columns=TURNED),
    "one table": table(*BOTH),
    "one table with an account column": with_account(BOTH),
    "two wrappers back to back": wrapper(PLAIN) + "\n" + wrapper(OTHERS),
    "a list of wrappers": f"[{wrapper(PLAIN)}, {wrapper(OTHERS)}]",
    "a file each": zipped({f"{ACCOUNT}.csv": PLAIN, f"{OTHER}.csv": OTHERS}),
}


@pytest.fixture
def canonical(tmp_path):
    """What the plain report says."""
    return said(reading(tmp_path / "plain", {"report.csv": PLAIN}))


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_says_the_same(tmp_path, canonical, container):
    """The container, the encoding and the spelling change nothing of what a report says."""
    evidence = reading(tmp_path, {"export": CONTAINERS[container]})
    assert faults(evidence.problems) == ""
    assert said(evidence) == canonical
    assert [each.kind for each in evidence.artifacts] == [ExportKind.CREDENTIAL_REPORT]
    assert [(each.account, each.rows) for each in evidence.artifacts] == [(ACCOUNT, 3)]


@pytest.mark.parametrize("container", CONTAINERS_OF_TWO)
def test_every_container_of_two_accounts_says_the_same(tmp_path, container):
    """However two accounts' reports lie in one file, each row belongs to the account of its ARN."""
    alone = said(reading(tmp_path / "plain", {"a.csv": PLAIN, "b.csv": OTHERS}))
    evidence = reading(tmp_path, {"export": CONTAINERS_OF_TWO[container]})
    assert faults(evidence.problems) == ""
    assert said(evidence) == alone
    assert {each.user: each.account for each in rows(evidence)}["eve"] == OTHER


def test_the_columns_are_those_that_aws_documents():
    """The list of the guide, copied by hand, and each column is of one type.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
    """
    documented = """
        user arn user_creation_time password_enabled password_last_used password_last_changed
        password_next_rotation mfa_active
        access_key_1_active access_key_1_last_rotated access_key_1_last_used_date
        access_key_1_last_used_region access_key_1_last_used_service
        access_key_2_active access_key_2_last_rotated access_key_2_last_used_date
        access_key_2_last_used_region access_key_2_last_used_service
        cert_1_active cert_1_last_rotated cert_2_active cert_2_last_rotated
    """
    assert tuple(documented.split()) == COLUMNS
    assert sorted((*BOOL_COLUMNS, *TIME_COLUMNS, *TEXT_COLUMNS)) == sorted(COLUMNS)
    assert {name for name in COLUMNS if "date" in name or "rotat" in name} < set(TIME_COLUMNS)


def test_the_words_are_read_as_what_they_mean(tmp_path, canonical):
    """Each cell becomes the value that it stands for."""
    _, ann, _ = canonical
    assert ann[2]["password_enabled"] is True
    assert ann[2]["access_key_2_active"] is False
    assert ann[2]["access_key_2_last_rotated"] is MissingValue.ABSENT
    assert ann[2]["password_last_used"].isoformat() == ANN["password_last_used"]
    assert ann[2]["access_key_1_last_used_region"] == "eu-central-1"


def test_times_with_a_space_are_in_utc(tmp_path, canonical):
    """A spreadsheet's ISO times and its #N/A say the same as those of AWS."""
    plain = spaced(PLAIN.replace("arn:aws", "ARN")).replace("ARN", "arn:aws")
    told = said(reading(tmp_path, {"r.csv": plain}))
    columns = [name for name in COLUMNS if "time" in name or "last" in name or "rotat" in name]
    gaps = {"#N/A": "N/A"}
    for (_, _, ours), (_, _, theirs) in zip(told, canonical, strict=True):
        assert {name: gaps.get(ours[name], ours[name]) for name in columns} == {
            name: theirs[name] for name in columns
        }


@pytest.mark.parametrize(
    ("cells", "enabled", "changed"),
    [
        (OLD_ROOT, MissingValue.NOT_SUPPORTED, MissingValue.NOT_SUPPORTED),
        ({}, True, "2020-02-02T10:00:00+00:00"),
        ({"password_enabled": "false", "password_last_changed": "N/A"}, False, MissingValue.ABSENT),
    ],
    ids=["old", "new", "centrally managed"],
)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso-b"])
def test_root_of_both_generations(tmp_path, cells, enabled, changed, partition):
    """Root is known by its ARN in every partition, and its odd values stay what they are."""
    text = table(root(**cells)).replace("arn:aws:", f"arn:{partition}:")
    (read_,) = rows(reading(tmp_path, {"report.csv": text}))
    told = read_.time("password_last_changed")
    assert read_.is_root
    assert (read_.account, read_.partition) == (ACCOUNT, partition)
    assert read_.boolean("password_enabled") is enabled
    assert (told.isoformat() if not isinstance(told, MissingValue) else told) == changed


@pytest.mark.parametrize("name", ["root", "root_account", ":root", "a:root"])
def test_a_user_called_like_root_is_no_root(tmp_path, name):
    """Only the ARN makes a row that of the root user."""
    told = rows(reading(tmp_path, {"report.csv": table(row(name))}))
    assert [each.is_root for each in told] == [False]


def test_the_twenty_third_column_is_read(tmp_path):
    """Newer reports name credentials beyond two; older ones leave the cell out, not empty."""
    columns = (*COLUMNS, "additional_credentials_info")
    cells = row(additional_credentials_info="3 more: list-access-keys")
    evidence = reading(
        tmp_path, {"new.csv": table(cells, columns=columns), "old.csv": table(row("bob"))}
    )
    told = {each.user: each.text("additional_credentials_info") for each in rows(evidence)}
    assert told == {"ann": "3 more: list-access-keys", "bob": ""}
    assert notes(evidence) == (
        "it names credentials beside its columns: '3 more: list-access-keys'"
    )


@pytest.mark.parametrize("gap", ["N/A", "n/a", "#N/A", ""])
def test_no_region_is_no_text(tmp_path, gap):
    """A region that is not given, in any spelling, is not a region of that name."""
    (told,) = rows(reading(tmp_path, {"r.csv": table(row(access_key_1_last_used_region=gap))}))
    assert told.text("access_key_1_last_used_region") == ""


@pytest.mark.parametrize("missing", ["arn", "mfa_active", "cert_2_last_rotated"])
def test_a_derived_table_is_refused_by_name(tmp_path, missing):
    """A table without all 22 columns is refused, and the message says which are missing."""
    kept = tuple(name for name in COLUMNS if name != missing)
    evidence = reading(tmp_path, {"mine.csv": table(row(), columns=kept), "ok.csv": report()})
    assert "in/mine.csv" in faults(evidence.problems)
    assert f"it lacks {missing}. Hand in the credential report" in faults(evidence.problems)
    assert len(rows(evidence)) == 2


def test_a_table_of_ones_own_is_refused(tmp_path):
    """The pandas table with row numbers and joined groups says what is missing."""
    head = (
        "no,user,groups,mfa_active,password_enabled,access_key_1_active,cert_1_active,cert_2_active"
    )
    text = f"{head}\n1,ann,dev;ops,True,true,False,,\n"
    evidence = reading(tmp_path, {"mine.csv": text})
    assert "lacks access_key_1_last_rotated," in faults(evidence.problems)
    assert not rows(evidence)


def test_a_column_named_twice_is_refused(tmp_path):
    """Of two columns with one name nobody can say which is the report's."""
    cells = row() | {"mfa_active": "true"}
    evidence = reading(tmp_path, {"r.csv": table(cells, columns=(*COLUMNS, "mfa_active"))})
    assert "names a column twice" in faults(evidence.problems)


@pytest.mark.parametrize(
    ("container", "sign"),
    [
        ("semicolons", "the delimiter is ';'"),
        ("tabs", "the delimiter is '\\t'"),
        ("TRUE and FALSE", "TRUE/FALSE"),
        ("CR LF", "CR LF"),
        ("UTF-8 with mark", "byte order mark"),
        ("columns turned round", "order"),
        ("extra column", "columns that AWS does not write: account"),
    ],
)
def test_what_a_spreadsheet_left_is_noted(tmp_path, container, sign):
    """A report that is not as AWS wrote it is read, and the note says by which sign it is known."""
    evidence = reading(tmp_path, {"export": CONTAINERS[container]})
    found = [note for each in evidence.artifacts for note in each.notes if sign in note.text]
    assert [note.defect for note in found] == [EvidenceDefect.RESAVED]


@pytest.mark.parametrize("container", ["UTF-16 LE", "UTF-16, CR LF, as PowerShell"])
def test_what_powershell_redirects_is_no_spreadsheet_s(tmp_path, container):
    """Windows PowerShell writes UTF-16 with CR LF whatever goes through it: a remark, no more."""
    evidence = reading(tmp_path, {"export": CONTAINERS[container]})
    defects = [note.defect for each in evidence.artifacts for note in each.notes]
    assert defects == [EvidenceDefect.REMARK]


@pytest.mark.parametrize("container", ["bare CSV", "JSON wrapper, Z", "bare base64", "tar.gz"])
def test_a_report_as_aws_wrote_it_has_no_note(tmp_path, container):
    """There is nothing to remark on what is as it should be."""
    assert notes(reading(tmp_path, {"export": CONTAINERS[container]})) == ""


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path):
    """The header is row 1, and a place names evidence, row and column."""
    evidence = reading(tmp_path, {"report.csv": PLAIN})
    assert [each.location.row for each in rows(evidence)] == [2, 3, 4]
    assert rows(evidence)[1].location.at("mfa_active").column == "mfa_active"
    assert {each.location.evidence for each in rows(evidence)} == {evidence.artifacts[0].id}


def test_rows_in_a_wrapper_stand_in_its_content(tmp_path):
    """The place of a row in a JSON wrapper is the member that holds the table, and its row."""
    evidence = reading(tmp_path, {"report.json": f"[{wrapper(PLAIN)}, {wrapper(OTHERS)}]"})
    told = [each for each in rows(evidence) if each.user == "eve"]
    assert [(each.location.pointer, each.location.row) for each in told] == [("/1/Content", 3)]


LOCAL = table(root(), row(**(ANN | {"password_last_changed": "08.03.2022 14:05"})))


@pytest.mark.parametrize(
    ("order", "month"), [(None, None), (DateOrder.DAY_FIRST, 3), (DateOrder.MONTH_FIRST, 8)]
)
def test_local_dates_need_an_order(tmp_path, order, month):
    """08.03.2022 stays unreadable until somebody says which number is the day."""
    evidence = load_evidence((put(tmp_path, {"report.csv": LOCAL}),), order)
    told = rows(evidence)[1].time("password_last_changed")
    assert told is MissingValue.UNREADABLE if month is None else told.month == month
    assert "--date-order" in notes(evidence)


@pytest.mark.parametrize("cells", [3, 21, 23, 40])
def test_a_shifted_row_is_not_trusted(tmp_path, cells):
    """In a row with too few or too many cells no value is believed, not even one that fits."""
    head, *lines = table(root(), row(**ANN)).split("\n")
    parts = lines[1].split(",")
    lines[1] = ",".join((parts + ["true"] * 20)[:cells])
    evidence = reading(tmp_path, {"report.csv": "\n".join([head, *lines])})
    told = rows(evidence)[1]
    assert told.user == "ann"
    assert (
        told.boolean("mfa_active")
        is told.time("access_key_1_last_rotated")
        is MissingValue.UNREADABLE
    )
    assert f"the row has {cells} cells under 22 columns" in notes(evidence)


def test_an_empty_cell_is_unreadable(tmp_path):
    """AWS leaves no flag or date empty, so an empty one says nothing; the note names the cell."""
    evidence = reading(tmp_path, {"r.csv": table(row(mfa_active="", cert_1_last_rotated=" "))})
    (told,) = rows(evidence)
    assert told.boolean("mfa_active") is told.time("cert_1_last_rotated") is MissingValue.UNREADABLE
    assert "mfa_active holds an empty cell" in notes(evidence)


@pytest.mark.parametrize(
    "arn", ["", "ann", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::1:root"]
)
def test_a_row_of_nobody_is_left_out_with_a_note(tmp_path, arn):
    """A row without a user's ARN belongs to no account, and its loss is told."""
    evidence = reading(tmp_path, {"r.csv": table(root(), row(arn=arn), row("bob"))})
    assert [each.user for each in rows(evidence)] == ["<root_account>", "bob"]
    assert "was left out" in notes(evidence)


@pytest.mark.parametrize("start", ["access_key_1_last_used_region", "cert_2_last_rotated", "user"])
def test_a_quote_that_swallows_rows_does_not_hide_them(tmp_path, start):
    """Where a quotation mark runs over line breaks, the row is not trusted and a note says so."""
    text = table(root(), row("ann", **{start: '"x'}), row("bob", **{start: 'y"'}), row("eve"))
    evidence = reading(tmp_path, {"r.csv": text})
    assert all(
        each.boolean("mfa_active") is MissingValue.UNREADABLE for each in rows(evidence)[1:2]
    )
    assert "can't be trusted" in notes(evidence)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("WAHR", "FALSCH"),
        ("VRAI", "FAUX"),
        ("VERDADERO", "FALSO"),
        ("VERO", "FALSO"),
        ("WAAR", "ONWAAR"),
        ("VERDADEIRO", "FALSO"),
        ("SANT", "FALSKT"),
        ("SAND", "FALSK"),
        ("SANN", "USANN"),
        ("TOSI", "EPÄTOSI"),
        ("PRAWDA", "FAŁSZ"),
        ("PRAVDA", "NEPRAVDA"),
        ("IGAZ", "HAMIS"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("DOĞRU", "YANLIŞ"),
    ],
)
def test_truth_values_of_a_spreadsheet_s_language_are_read(tmp_path, yes, no):
    """They are read as TRUE and FALSE are, with the same remark."""
    local = PLAIN.replace("true", yes).replace("false", no)
    evidence = reading(tmp_path / "local", {"r.csv": local})
    assert said(evidence) == said(reading(tmp_path, {"r.csv": PLAIN}))
    assert f"truth values are written {yes}/{no}, AWS writes true/false" in notes(evidence)


def test_the_name_of_a_user_is_the_last_part_of_its_arn(tmp_path):
    """A spreadsheet makes 123 of 00123; the arn has the name, and a note tells of the cell."""
    text = table(root(), row("00123").copy() | {"user": "123"})
    evidence = reading(tmp_path, {"r.csv": text})
    assert [each.user for each in rows(evidence)] == ["<root_account>", "00123"]
    assert "the user cell says '123' and the arn '00123'" in notes(evidence)


def test_a_broken_header_in_the_middle_costs_the_rows_under_it(tmp_path):
    """Of reports put back to back those that can be read are read, and the others are counted."""
    derived = "user,arn,mfa_active\nann,x,true\nbob,y,true"
    evidence = reading(tmp_path, {"r.csv": f"{PLAIN}\n{derived}\n{report(account=OTHER)}"})
    assert {each.account for each in rows(evidence)} == {ACCOUNT, OTHER}
    assert "3 row(s) can't be told to any account" in faults(evidence.problems)


def test_an_open_quotation_mark_costs_its_own_row(tmp_path):
    """The rows after it are rows, and not one long cell."""
    text = table(root(), row("ann", access_key_1_last_used_region='"x'), row("bob"), row("eve"))
    evidence = reading(tmp_path, {"r.csv": text})
    told = {each.user: each.boolean("mfa_active") for each in rows(evidence)}
    assert told["ann"] is MissingValue.UNREADABLE
    assert (told["bob"], told["eve"]) == (False, False)

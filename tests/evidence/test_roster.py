"""Rows become people, lists say whom they hold, and a hostile list costs only itself."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import ConfigurationError
from analyzer.evidence.artifacts import CaptureTimeSource
from analyzer.evidence.roster_model import PersonState, RosterScope
from tests.evidence.roster_material import only_person, read, roster_of
from tests.evidence.workbook_material import HEAD, NS, workbook

NOW = datetime(2026, 9, 30, tzinfo=UTC)
HEADER = "Employee ID,First Name,Last Name,Work Email,Start Date,Last Day\n"
DIRECTORY = "Login,Email,Status\n"


def hr(*rows: str) -> str:
    """A list of HR with these rows."""
    return HEADER + "".join(f"{row}\n" for row in rows)


def test_a_person_with_a_contract_that_runs_is_employed():
    """Two rows of one ID: the first employment ended in 2023, the second began in 2025."""
    text = hr("7,Mia,Ost,,2019-01-01,2023-12-31", "7,Mia,Ost,,2025-06-01,")
    assert only_person(text).state_at(NOW) is PersonState.EMPLOYED


def test_whoever_has_ended_everything_left_on_the_last_day_of_all():
    """The order of the rows does not matter."""
    text = hr("7,Mia,Ost,,2025-01-01,2026-08-31", "7,Mia,Ost,,2019-01-01,2023-12-31")
    assert only_person(text).left_on(NOW) == datetime(2026, 8, 31, tzinfo=UTC)


def test_a_contractor_who_was_taken_on_is_one_person():
    """Two IDs, one address, one name: the second employment runs."""
    text = hr("X1,Mia,Ost,mia@corp.example,2019-01-01,2023-12-31", "7,Mia,Ost,mia@corp.example,,")
    assert only_person(text).state_at(NOW) is PersonState.EMPLOYED


def test_an_address_that_was_given_to_another_person_joins_nobody():
    """Two IDs and two given names: the address is the second one's now."""
    people = roster_of(
        {"p.csv": hr("1,Mia,Ost,m@corp.example,,2023-12-31", "2,Max,Ost,m@corp.example,,")}
    ).people
    assert [each.state_at(NOW) for each in people] == [PersonState.LEFT, PersonState.EMPLOYED]


def test_one_id_with_two_given_names_is_in_doubt_and_a_new_surname_is_not():
    """People marry; they seldom change the first name with the number kept."""
    assert only_person(hr("7,Mia,Ost,,,", "7,Bo,Ost,,,")).is_disputed
    assert not only_person(hr("7,Mia,Ost,,,", "7,Mia-Lu,Ray,,,")).is_disputed


@pytest.mark.parametrize(
    ("row", "status", "state"),
    [
        ("7,Mia,Ost,m@corp.example,,2026-08-31", "Active", PersonState.LEFT),
        ("7,Mia,Ost,m@corp.example,2019-01-01,", "Suspended", PersonState.BARRED),
        ("7,Mia,Ost,m@corp.example,2019-01-01,", "Active", PersonState.EMPLOYED),
        ("7,Mia,Ost,m@corp.example,2026-12-01,", "STAGED", PersonState.FUTURE),
    ],
)
def test_hr_outweighs_a_directory(row: str, status: str, state: PersonState):
    """An account that was forgotten makes no leaver an employee, but a closed one bars."""
    files = {"hr.csv": hr(row), "okta.csv": f"{DIRECTORY}m@corp.example,m@corp.example,{status}\n"}
    [person] = roster_of(files).people
    assert person.state_at(NOW) is state


def test_google_with_employee_ids_is_a_directory_all_the_same():
    """Its account of a leaver is still active; HR says that the person left."""
    google = "First Name [Required],Email Address [Required],Status [READ ONLY],Employee ID\n"
    files = {"hr.csv": hr("7,Mia,Ost,,,2026-08-31"), "g.csv": f"{google}Mia,,Active,7\n"}
    [person] = roster_of(files).people
    assert person.state_at(NOW) is PersonState.LEFT


def test_an_end_before_a_rehire_is_over():
    """BambooHR keeps the day of the first leaving beside that of the return."""
    text = "Employee #,Hire Date,Rehire Date,Termination Date\n7,2015-01-01,2025-01-01,2020-01-01\n"
    assert only_person(text).state_at(NOW) is PersonState.EMPLOYED


def test_a_contract_that_ends_on_paper_ends_no_active_employment():
    """Contracts are extended, and the day is seldom corrected; without a status it counts."""
    text = "Employee ID,Status,Contract end date\n7,{},2026-08-31\n"
    assert only_person(text.format("Active")).state_at(NOW) is PersonState.EMPLOYED
    assert only_person(text.format("")).state_at(NOW) is PersonState.LEFT


@given(st.integers(-400, 400))
def test_a_last_day_counts_from_its_own_date(ago: int):
    """Whoever leaves today has left; whoever leaves tomorrow has not."""
    day = NOW - timedelta(days=ago)
    person = only_person(hr(f"7,Mia,Ost,,2019-01-01,{day:%Y-%m-%d}"))
    assert (person.state_at(NOW) is PersonState.LEFT) == (ago >= 0)


@pytest.mark.parametrize(
    ("rows", "scope"),
    [
        (["1,A,B,,,", "2,C,D,,,2026-01-01"], RosterScope.ALL),
        (["1,A,B,,,", "2,C,D,,,2027-01-01"], RosterScope.ACTIVE),
        (["2,C,D,,,2026-01-01"], RosterScope.LEAVERS),
    ],
)
def test_a_list_says_whom_it_holds(rows: list[str], scope: RosterScope):
    """A list without leavers proves of nobody that they left."""
    assert roster_of({"p.csv": hr(*rows)}).scope_at(NOW) is scope


def test_what_was_stated_of_a_list_is_believed():
    """A list of bare names is one of leavers, if whoever handed it in says so."""
    text = "Employee ID,Name\n1,Ann Lee\n"
    for scope, state in (("leavers", PersonState.LEFT), ("all", PersonState.EMPLOYED)):
        roster = roster_of({"p.csv": text, "p.toml": f'scope = "{scope}"'})
        assert roster.scope_at(NOW) is RosterScope(scope)
        assert roster.people[0].state_at(NOW) is state


def test_settings_name_columns_words_and_the_time():
    """What no roster says of itself."""
    settings = """
exported_at = 2026-09-29
total = 3
contractors = false
[columns]
"Pers-Ref" = "id"
[status]
left = ["weg"]
"""
    roster = roster_of({"p.csv": "Pers-Ref,Name,Status\n1,Ann Lee,Weg\n", "p.toml": settings})
    [person], [file] = roster.people, roster.files
    assert (person.person_id, person.state_at(NOW)) == ("1", PersonState.LEFT)
    assert file.artifact.captured_how is CaptureTimeSource.STATED
    assert len([each for each in file.defects if each.is_partial]) == 2
    assert [each.id for each in roster.artifacts()] == ["R1", "RT1"]


def test_settings_of_another_list_do_not_count_for_this_one():
    """hr.toml is for hr.csv, if it is not the only one."""
    files = {
        "hr.csv": "Employee ID,Name\n1,Ann Lee\n",
        "okta.csv": "Login,Status\nbo,ACTIVE\n",
        "all.toml": "",
        "hr.toml": "total = 9",
    }
    assert [len(each.defects) for each in roster_of(files).files] == [1, 0]


@pytest.mark.parametrize(
    "text",
    ["nonsense = 1", "scope = 'half'", "total = 'x'", "[[user]]\narn = 'a'", "shown = 'birthday'",
     "[columns]\nA = 'iban'", "id_tags = [1]", "[[user]]\narn='a'\nperson='b'\nodd='c'",
     "= broken"],
)  # fmt: skip
def test_settings_that_cannot_be_used_stop_the_run(text: str):
    """They are the auditor's own: exit code 2, and what to write instead."""
    with pytest.raises(ConfigurationError):
        read({"p.toml": text})


def test_the_day_in_a_file_s_name_is_its_time():
    """Companies name their exports so."""
    [file] = roster_of({"people_2026-09-28.csv": hr("1,A,B,,,")}).files
    assert file.artifact.captured_at == datetime(2026, 9, 28, tzinfo=UTC)
    assert roster_of({"people.csv": hr("1,A,B,,,")}).files[0].artifact.captured_at is None


@pytest.mark.parametrize("name", ["MÃ¼ller", "M?ller", "M\ufffdller"])
def test_a_name_with_lost_letters_names_nobody(name: str):
    """It was read or written in the wrong encoding; the other keys of the row stay."""
    roster = roster_of({"p.csv": hr(f"1,Eva,{name},eva@corp.example,,")})
    assert roster.people[0].names == ()
    assert roster.people[0].mails == {"eva@corp.example"}
    assert [each.is_partial for each in roster.files[0].defects] == [False]


def test_an_id_that_a_spreadsheet_rounded_is_none():
    """3E+10 may be any of a thousand numbers."""
    roster = roster_of({"p.csv": hr("3E+10,Eva,Ray,eva@corp.example,,")})
    assert roster.people[0].person_id == ""
    assert roster.files[0].defects


def test_rows_out_of_place_are_left_out_and_counted():
    """A comma in a name moved everything after it: the last day would be the address."""
    roster = roster_of({"p.csv": hr("1,Eva,Ray, Jr,eva@corp.example,,", "2,Bo,Ray,,,")})
    assert [each.person_id for each in roster.people] == ["2"]
    assert [each.is_partial for each in roster.files[0].defects] == [True]


def bomb() -> bytes:
    """A workbook whose sheet unpacks to more than any list of people has."""
    target = io.BytesIO(workbook({"p": [["Employee ID", "Name"]]}))
    with (
        zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/sharedStrings.xml", "w") as part,
    ):
        for _ in range(140):
            part.write(b" " * (1 << 20))
    return target.getvalue()


LAUGHS = f"""{HEAD}<!DOCTYPE x [<!ENTITY a "ha">]><worksheet {NS}><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>"""
ROW = '<row r="1"><c r="ZZZ1"><v>1</v></c></row>'
WIDE = f"{HEAD}<worksheet {NS}><sheetData>{ROW}</sheetData></worksheet>"
IAM = b'{"Users": [{"UserName": "ann", "UserId": "AIDA0", "Arn": "arn:aws:iam::1:user/ann"}]}'
ODD_CODE = '<?xml version="1.0" encoding="utf-79"?><worksheet/>'
HOSTILE = {
    "an unknown encoding": workbook({"p": []}, parts={"xl/worksheets/sheet1.xml": ODD_CODE}),
    "empty": b"",
    "blank": b"\n\n\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
    "NULs": b"Employee ID,Name\n1,A\x00nn\n" + b"2,Bo Ray\n" * 99,
    "a giant cell": b"Employee ID,Name\n1," + b"x" * 200_000,
    "a million columns": b"Employee ID," + b"," * 1_000_000,
    "no header": b"1,2,3\n4,5,6\n",
    "header alone": HEADER.encode(),
    "users of IAM": IAM,
    "a credential report": b"user,arn,user_creation_time\nann,arn:aws:iam::1:user/ann,2020\n",
    "broken JSON": b'{"Users": [{"userName": "a",',
    "deep JSON": b"[" * 100_000,
    "a torn workbook": workbook({"p": [["Employee ID", "Name"], [1, "A"]]})[:300],
    "broken XML": workbook({"p": [["x"]]}, parts={"xl/worksheets/sheet1.xml": "<worksheet"}),
    "entities": workbook({"p": [["x"]]}, parts={"xl/worksheets/sheet1.xml": LAUGHS}),
    "a wide sheet": workbook({"p": [["x"]]}, parts={"xl/worksheets/sheet1.xml": WIDE}),
    "another office file": workbook({}, parts={"xl/workbook.xml": f"{HEAD}<x/>"}),
    "a bomb": bomb(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_list_is_a_problem_and_the_next_one_is_read(kind: str):
    """What is wrong, in a sentence with the file's name; nothing is read of it, and all else is."""
    roster, problems = read({"bad.csv": HOSTILE[kind], "good.csv": hr("1,Mia,Ost,,,")})
    assert [each.person_id for each in roster.people] == ["1"]
    [problem] = problems
    assert problem.where.startswith("bad.csv")
    assert problem.what


def test_a_formula_is_a_text_and_its_saved_value():
    """Nothing is calculated; what a cell calls is not called."""
    text = "Employee ID,Name,Work Email\n\"=cmd|'/c calc'!A1\",=1+1,mia@corp.example\n"
    assert only_person(text).mails == {"mia@corp.example"}
    rows = [["Employee ID", "Work Email"], ["=1+1", "mia@corp.example"]]
    assert only_person(workbook({"p": rows}), "p.xlsx").person_id == "saved"


def test_a_hidden_sheet_is_not_read():
    """Whoever handed the workbook in did not see it."""
    sheets = {"old": [["Employee ID", "Name", "Status"], [1, "A B", "x"]],
              "now": [["Employee ID", "Name"], [2, "C D"]]}  # fmt: skip
    assert only_person(workbook(sheets, hidden=["old"]), "p.xlsx").person_id == "2"
    roster = roster_of({"p.xlsx": workbook(sheets)})
    assert [each.person_id for each in roster.people] == ["1"]
    assert "1 other sheet(s) were not" in roster.files[0].artifact.notes[0].text


def test_shared_strings_and_the_old_epoch():
    """Excel writes texts once and names them by number; spoken hints are no part of them."""
    strings = (
        f"{HEAD}<sst {NS}><si><t>Employee ID</t></si><si><t>Last Day</t></si>"
        "<si><r><t>00</t></r><r><t>7</t></r><rPh><t>seven</t></rPh></si></sst>"
    )
    rows = (
        f'{HEAD}<worksheet {NS}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c>'
        '<c r="B2"><v>44803</v></c></row></sheetData></worksheet>'
    )
    parts = {"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": rows}
    person = only_person(workbook({"p": []}, is_1904=True, parts=parts), "p.xlsx")
    assert person.person_id == "007"
    assert person.left_on(NOW) == datetime(2026, 8, 31, tzinfo=UTC)


BOOK = workbook({"p": [["Employee ID", "Name", "Last Day"], ["007", "Mia Ost", 46000]]})
ODD = st.text(st.sampled_from('\u00b2\u0663\ud800,;"\n{}[]:0aA@.=\t '), max_size=60)


@given(st.one_of(st.binary(max_size=200), ODD.map(lambda text: text.encode("utf-8", "ignore"))))
def test_no_content_breaks_the_reading(content: bytes):
    """Whatever a file holds, it is read or it is a problem, behind a good header too."""
    for head in (b"", HEADER.encode(), b'{"Users": ['):
        roster, problems = read({"p.csv": head + content})
        assert len(roster.files) + len(problems) == 1


@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_breaks_a_workbook(place: int, damage: bytes):
    """A bit that fell over on the way costs the file at most."""
    roster, problems = read({"p.xlsx": BOOK[:place] + damage + BOOK[place + len(damage) :]})
    assert len(roster.files) + len(problems) == 1


@pytest.mark.parametrize("number", ["9" * 5000, "\u00b2", "-1", "x", ""])
def test_odd_numbers_in_a_workbook_are_no_numbers(number: str):
    """Of a row, of a text, of a cell: nothing of it is calculated with."""
    rows = (
        f'{HEAD}<worksheet {NS}><sheetData><row r="{number}"><c t="inlineStr"><is><t>Employee ID'
        '</t></is></c><c t="inlineStr"><is><t>Name</t></is></c></row>'
        f'<row r="{number}"><c r="{number}"><v>7</v></c><c t="s"><v>{number}</v></c></row>'
        "</sheetData></worksheet>"
    )
    person = only_person(workbook({"p": []}, parts={"xl/worksheets/sheet1.xml": rows}), "p.xlsx")
    assert person.person_id == "7"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("a bomb", "unpacks to more bytes"),
        ("entities", "declares entities"),
        ("an unknown encoding", "its XML can't be read"),
        ("a wide sheet", "more than 1,000 columns"),
        ("a million columns", "more than 1,000 columns"),
        ("a giant cell", "field larger than field limit"),
        ("NULs", "NUL characters"),
        ("a torn workbook", "damaged"),
        ("broken XML", "its XML can't be read"),
        ("users of IAM", "a list of AWS principals"),
        ("a credential report", "a list of AWS principals"),
        ("header alone", "no row about a person"),
        ("no header", "no row of it names columns"),
    ],
)
def test_a_problem_says_what_is_wrong(kind: str, said: str):
    """So that whoever handed the file in can mend it."""
    [problem] = read({"bad.csv": HOSTILE[kind]})[1]
    assert said in problem.what

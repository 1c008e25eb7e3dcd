"""A list of people is read in the shape in which each system writes it; all of them are made up."""

import json
from datetime import UTC, datetime

import pytest

from analyzer.config import DateOrder
from analyzer.evidence.roster_model import PersonName, PersonState
from tests.evidence.roster_material import only_person, read
from tests.evidence.workbook_material import workbook

NOW = datetime(2026, 9, 30, tzinfo=UTC)
LEFT, HERE, BARRED = PersonState.LEFT, PersonState.EMPLOYED, PersonState.BARRED
MAIL = "mia.ost@corp.example"
OKTA_API = json.dumps(
    [
        {
            "id": "00u9made0up0",
            "status": "DEPROVISIONED",
            "created": "2020-01-05T00:00:00.000Z",
            "profile": {
                "login": MAIL,
                "email": MAIL,
                "secondEmail": "mia@home.example",
                "firstName": "Mia",
                "lastName": "Ost",
                "employeeNumber": "0042",
            },
        }
    ]
)
OKTA_CSV = f"User,Login,Status,Activation date,Last Login\nMia Ost,{MAIL},Suspended,2020-01-05,-\n"
ENTRA = (
    "userPrincipalName,displayName,surname,mail,givenName,objectId,userType,accountEnabled,mobile,"
    f"alternateEmailAddress\n{MAIL},Mia Ost,Ost,{MAIL},Mia,9d-1,Member,False,+49 1,m@home.example\n"
)
GRAPH = json.dumps(
    {
        "@odata.context": "made up",
        "value": [
            {
                "id": "9d-1",
                "userPrincipalName": MAIL,
                "mail": MAIL,
                "givenName": "Mia",
                "surname": "Ost",
                "employeeId": "0042",
                "accountEnabled": True,
                "employeeLeaveDateTime": "2026-08-31T22:00:00Z",
                "otherMails": ["m@home.example"],
            }
        ],
    }
)
GET_MGUSER = f"""#TYPE Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser
"Id","DisplayName","UserPrincipalName","GivenName","Surname","EmployeeId","AccountEnabled"
"9d-1","Mia Ost","{MAIL}","Mia","Ost","0042","True"
"""
GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required],"
    "Status [READ ONLY],Last Sign In [READ ONLY],Recovery Email,Employee ID,Manager Email\n"
    f"Mia,Ost,{MAIL},/Sales,Active,Never logged in,m@home.example,0042,bo@corp.example\n"
)
WORKDAY = (
    "Report of workers,,,,,\n,,,,,\n"
    "Employee_ID,First_Name,Last_Name,Employee_Type,Email_Address,Hire_Date,Termination_Date\n"
    f"0042,Mia,Ost,Regular,{MAIL},02/13/2019,08/31/2026\n"
)
BAMBOO = json.dumps(
    {
        "employees": [
            {
                "employeeNumber": "0042",
                "firstName": "Mia",
                "lastName": "Ost",
                "workEmail": MAIL,
                "homeEmail": "m@home.example",
                "bestEmail": "m@home.example",
                "hireDate": "2019-02-13",
                "terminationDate": "0000-00-00",
                "status": "Active",
            }
        ]
    }
)
SUCCESS_FACTORS = (
    "STATUS,USERID,USERNAME,FIRSTNAME,LASTNAME,EMAIL,MANAGER,HR,HIREDATE\n"
    "Status,User ID,Username,First Name,Last Name,Email,Manager,HR,Hire Date\n"
    f"inactive,0042,most,Mia,Ost,{MAIL},NO_MGR,7,02/13/2019\n"
)
PERSONIO = (
    "First name,Last name,Email address,Status,Hire date,Contract end date,End of employment,"
    f"Supervisor\nMia,Ost,{MAIL},Onboarding,01.12.2026,,,Bo Ray\n"
)
JUMPCLOUD = json.dumps(
    {
        "totalCount": 1,
        "results": [
            {
                "_id": "5f1",
                "username": "most",
                "email": MAIL,
                "firstname": "Mia",
                "lastname": "Ost",
                "activated": True,
                "suspended": True,
                "account_locked": False,
                "employeeIdentifier": "0042",
            }
        ],
    }
)
ONELOGIN = (
    "username,email,firstname,lastname,samaccountname,external_id,manager_user_id,status,state\n"
    f"most,{MAIL},Mia,Ost,most,0042,,2,1\n"
)
GET_ADUSER = (
    "SamAccountName;UserPrincipalName;GivenName;Surname;Enabled;EmployeeID;EmailAddress;Manager\n"
    f"most;{MAIL};Mia;Ost;True;0042;{MAIL};CN=Ray\\, Bo,OU=x\n"
)
CSVDE = (
    "DN,sAMAccountName,mail,sn,givenName,userAccountControl,accountExpires\n"
    f'"CN=Ost\\, Mia,OU=Staff,DC=corp",most,{MAIL},Ost,Mia,514,9223372036854775807\n'
)
IDENTITY_CENTER = json.dumps(
    {
        "Users": [
            {
                "UserName": "most",
                "UserId": "d-1",
                "ExternalIds": [{"Issuer": "x", "Id": "y"}],
                "Name": {"GivenName": "Mia", "FamilyName": "Ost"},
                "DisplayName": "Mia Ost",
                "Birthdate": "1990-01-01",
                "Emails": [
                    {"Value": MAIL, "Type": "work", "Primary": True},
                    {"Value": "m@home.example", "Type": "home"},
                ],
                "IdentityStoreId": "d-123",
                "UserStatus": "DISABLED",
            }
        ]
    }
)
SCIM = json.dumps(
    {
        "Resources": [
            {
                "userName": MAIL,
                "externalId": "e-9",
                "name": {"givenName": "Mia", "familyName": "Ost"},
                "emails": [{"value": MAIL, "primary": True}],
                "active": False,
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                    "employeeNumber": "0042",
                    "manager": {"value": "7", "displayName": "Bo Ray"},
                },
            }
        ]
    }
)
GERMAN = (
    "Personalnummer;Nachname;Vorname;Geburtsname;E-Mail-Adresse;Geburtsdatum;Gehalt;Eintrittsdatum;"
    f"Austrittsdatum;Vorgesetzter;Aktiv\n0042;Ost;Mia;Berg;{MAIL};01.01.1990;50000;13.02.2019;"
    "31.08.2026;Ray;nein\n"
)
FRENCH = (
    "Matricule;Nom;Prénom;Adresse e-mail;Statut;Date de début;Date de sortie\n"
    f"0042;Ost;Mia;{MAIL};Actif;13/02/2019;\n"
)
SHAPES = {
    "Okta API": (OKTA_API, LEFT),
    "Okta CSV": (OKTA_CSV, BARRED),
    "Entra bulk": (ENTRA, BARRED),
    "Graph": (GRAPH, LEFT),
    "Get-MgUser": (GET_MGUSER, HERE),
    "Google Workspace": (GOOGLE, HERE),
    "Workday": (WORKDAY, LEFT),
    "BambooHR": (BAMBOO, HERE),
    "SuccessFactors": (SUCCESS_FACTORS, BARRED),
    "Personio": (PERSONIO, PersonState.FUTURE),
    "JumpCloud": (JUMPCLOUD, BARRED),
    "OneLogin": (ONELOGIN, BARRED),
    "Get-ADUser": (GET_ADUSER, HERE),
    "csvde": (CSVDE, BARRED),
    "Identity Center": (IDENTITY_CENTER, BARRED),
    "SCIM": (SCIM, BARRED),
    "German HR": (GERMAN, LEFT),
    "French HR": (FRENCH, HERE),
}
WITHOUT_ID = {"Okta CSV", "Entra bulk", "Personio", "csvde", "Identity Center"}
"""Shapes that have no employee ID."""


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_gives_name_address_state_and_id(shape: str):
    """Columns in the order and under the names of the system; the ID keeps its zeros."""
    text, state = SHAPES[shape]
    person = only_person(text)
    assert person.mails == {MAIL}
    assert PersonName("Mia", "Ost") in person.names or PersonName("", "Mia Ost") in person.names
    assert person.state_at(NOW) is state
    assert person.person_id == ("" if shape in WITHOUT_ID else "0042")


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_private_is_kept(shape: str):
    """No private address, birth date or pay is anywhere in what was read."""
    kept = repr(read({"people.csv": SHAPES[shape][0]})[0])
    assert not [word for word in ("home.example", "1990", "50000", "+49") if word in kept]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_each_shape_may_come_in_the_encodings_of_windows(shape: str, encoding: str):
    """PowerShell and Excel write byte order marks and UTF-16."""
    person = only_person(SHAPES[shape][0].encode(encoding))
    assert person.mails == {MAIL}


def test_the_columns_may_stand_in_any_order():
    """The header tells them, not their place."""
    header, row = GERMAN.splitlines()
    turned = "\n".join(";".join(reversed(line.split(";"))) for line in (header, row))
    assert only_person(turned).person_id == "0042"
    assert only_person(turned).state_at(NOW) is LEFT


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str):
    """Spreadsheets of different countries write different ones."""
    text = "Employee ID|Name|Status\n0042|Mia Ost|Terminated\n".replace("|", delimiter)
    assert only_person(text).state_at(NOW) is LEFT


def test_a_stated_delimiter_is_believed():
    """As Excel reads it; the row numbers are those that it shows."""
    person = only_person("sep=;\nEmployee ID;Name\n0042;Mia, Ost\n")
    assert person.names == (PersonName("Ost", "Mia"),)
    assert person.location.row == 2


def test_rows_are_counted_from_the_first_title():
    """A reader goes to the row in the file as it was handed in."""
    assert only_person(WORKDAY).location.row == 4


def test_a_surname_that_looks_like_nothing_is_a_surname():
    """Every cell is text: "None", "Null" and "NA" are people's names."""
    for name in ("None", "Null", "NA", "True"):
        person = only_person(f"Employee ID,First Name,Last Name\n7,Ann,{name}\n")
        assert person.names == (PersonName("Ann", name),)


def test_a_mail_column_of_an_unknown_name_is_told_by_its_cells():
    """Its header says nothing, and nine of ten cells are addresses."""
    text = "Employee ID,Kontakt 1\n" + "".join(f"{n},p{n}@corp.example\n" for n in range(9))
    people = read({"people.csv": text + "9,none yet\n"})[0].people
    assert people[0].mails == {"p0@corp.example"}


def test_a_private_column_is_not_told_by_its_cells():
    """Whatever its cells hold: it is not looked into."""
    text = "Employee ID,Name,Private Kontaktadresse\n1,Mia Ost,mia@corp.example\n"
    assert only_person(text).mails == frozenset()


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "orange.fr"])
def test_a_private_address_in_a_work_column_is_left_out(domain: str):
    """BambooHR fills in the home address where there is none of work."""
    assert only_person(f"Employee ID,Work Email\n1,mia@{domain}\n").mails == frozenset()


def test_a_guest_of_entra_is_known_by_the_mail():
    """The principal name of a guest holds the address of another company, bent."""
    text = f"userPrincipalName,mail,accountEnabled\nmia_ost#EXT#@corp.example,{MAIL},True\n"
    person = only_person(text)
    assert (person.mails, person.logins) == ({MAIL}, frozenset())


def test_an_address_with_a_protocol_is_an_address():
    """Exchange lists aliases so, the first one in capitals."""
    text = f"mail,proxyAddresses\n{MAIL},SMTP:{MAIL};smtp:mo@corp.example;x500:/o=x\n"
    assert only_person(text).mails == {MAIL, "mo@corp.example"}


def test_event_lists_become_employments():
    """German payroll lists hirings and leavings; the last one before the audit counts."""
    text = (
        "PersonalNr;Name;Ereignis;Datum\n42;Ost;Einstellung;01.02.2019\n42;Ost;Austritt;31.03.2023\n"
        "42;Ost;Wiedereinstellung;01.06.2025\n43;Ray;Austritt;31.08.2026\n43;Ray;Einstellung;01.01.2020\n"
        "44;Fox;Versetzung;01.01.2026\n"
    )
    states = {each.person_id: each.state_at(NOW) for each in read({"e.csv": text})[0].people}
    assert states == {"42": HERE, "43": LEFT, "44": HERE}


def test_a_workbook_is_read_like_its_csv():
    """Days are numbers there, IDs texts or numbers; hidden sheets are left out."""
    rows = [["Titles", ""], ["Employee ID", "Work Email", "Last Day"], ["0042", MAIL, 46265]]
    person = only_person(workbook({"People": rows}), "people.xlsx")
    assert (person.person_id, person.mails) == ("0042", {MAIL})
    assert person.left_on(NOW) == datetime(2026, 8, 31, tzinfo=UTC)
    assert person.location.row == 3


def test_the_order_of_days_is_shown_by_the_column_or_stated():
    """13/02 settles it; where nothing does, --date-order does, and else nobody knows."""
    text = "Employee ID,Last Day\n1,05/06/2026\n2,{}\n"
    for other, order, expected in (
        ("13/02/2026", None, datetime(2026, 6, 5, tzinfo=UTC)),
        ("02/13/2026", None, datetime(2026, 5, 6, tzinfo=UTC)),
        ("01/01/2026", DateOrder.DAY_FIRST, datetime(2026, 6, 5, tzinfo=UTC)),
    ):
        person = read({"p.csv": text.format(other)}, order)[0].people[0]
        assert person.left_on(NOW) == expected
    person = read({"p.csv": text.format("01/01/2026")})[0].people[0]
    assert person.state_at(NOW) is PersonState.UNKNOWN


def test_a_column_of_both_orders_is_not_read():
    """One cell has the month first, another the day: no cell of it can be trusted."""
    text = "Employee ID,Last Day\n1,13/02/2026\n2,02/13/2026\n"
    roster, _ = read({"p.csv": text}, DateOrder.DAY_FIRST)
    assert {each.state_at(NOW) for each in roster.people} == {PersonState.UNKNOWN}
    assert any("both orders" in each.what for each in roster.files[0].defects)


@pytest.mark.parametrize("aside", ["(private)", "(privat)", "[Personal]", "(Home)", "(privé)"])
def test_what_stands_in_brackets_can_make_a_column_private(aside):
    """Such an address matches nobody, and no output may hold it."""
    header = f"Employee ID,First Name,Last Name,E-Mail {aside},Status\n"
    assert only_person(header + "1,Mia,Ost,m@home.example,active\n").mails == frozenset()


def test_other_words_in_brackets_change_nothing():
    """Workday writes "[Required]", others the unit."""
    header = "Employee ID [Required],First Name,Last Name,E-Mail (READ ONLY),Status\n"
    assert only_person(f"{header}1,Mia,Ost,{MAIL},active\n").mails == {MAIL}

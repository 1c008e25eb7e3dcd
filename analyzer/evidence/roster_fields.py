"""In: the header of a column, or the path of a JSON member. Out: which field of a row it is.

Headers are those of the exports that companies hand in: Okta, Entra, Google Workspace, Workday,
BambooHR, SuccessFactors, Personio, JumpCloud, OneLogin, Active Directory, Identity Center, SCIM,
and HR systems in English, German and French. A column that none of them names is not kept.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache


class RosterField(StrEnum):
    """What a column tells of a person. PRIVATE is never kept."""

    ID = "id"
    SYSTEM_ID = "system id"
    GIVEN = "given name"
    FAMILY = "family name"
    NAME = "name"
    FORMER_NAME = "former name"
    DISTINGUISHED_NAME = "distinguished name"
    MAIL = "mail"
    LOGIN = "login"
    STATUS = "status"
    ACTIVE = "active"
    BARRED = "barred"
    CONTROL_FLAGS = "control flags"
    REVIEW_STATE = "review state"
    EVENT = "event"
    EVENT_DAY = "event day"
    START = "start"
    RESTART = "restart"
    END = "end"
    CONTRACT_END = "contract end"
    EXPIRES = "expires"
    MANAGER = "manager"
    UNIT = "unit"
    KIND = "kind"
    PRIVATE = "private"


DAYS = frozenset(
    {
        RosterField.EVENT_DAY,
        RosterField.START,
        RosterField.RESTART,
        RosterField.END,
        RosterField.CONTRACT_END,
        RosterField.EXPIRES,
    }
)
"""Fields that hold a day."""
EMPLOYMENT = frozenset(
    {
        RosterField.START,
        RosterField.RESTART,
        RosterField.END,
        RosterField.CONTRACT_END,
        RosterField.EVENT,
    }
)
"""Fields that only a list of employments has; a directory's list has accounts."""
_NAMING = frozenset(
    {
        RosterField.ID,
        RosterField.MAIL,
        RosterField.LOGIN,
        RosterField.GIVEN,
        RosterField.FAMILY,
    }
)
_NAMES: Mapping[RosterField, str] = {
    RosterField.ID: """employeeid employeenumber employee employeeno employeenr employeeidentifier
        employeecode personnelnumber personalnummer personalnr persnr personnelno mitarbeiternr
        mitarbeiternummer mitarbeiterid matricule numeromatricule staffid staffnumber staffno
        workerid workernumber associateid personid personnumber userid externalid hrid""",
    RosterField.SYSTEM_ID: "id objectid objectguid azureadobjectid oktaid sid",
    RosterField.GIVEN: """firstname givenname given first forename vorname prenom rufname
        legalfirstname preferredfirstname preferredname nickname""",
    RosterField.FAMILY: """lastname surname familyname sn last nachname familienname zuname
        nomdefamille legallastname nomusuel""",
    RosterField.NAME: """name fullname displayname cn user nom nomcomplet nometprenom
        mitarbeiter employeename workername legalname anzeigename formattedname formatted""",
    RosterField.FORMER_NAME: """formername formerlastname maidenname geburtsname birthname
        nomdenaissance previouslastname""",
    RosterField.DISTINGUISHED_NAME: "dn distinguishedname",
    RosterField.MAIL: """email emailaddress mail emailadresse workemail emailwork primaryemail
        primaryworkemail workemailaddress businessemail companyemail adresseemail adressemail
        courriel courrielprofessionnel emailprofessionnel dienstlicheemail geschaeftlicheemail
        proxyaddresses emailaliases aliases emails emailsvalue primaryemailaddress""",
    RosterField.LOGIN: """login username userprincipalname samaccountname upn loginname
        onpremisessamaccountname onpremisesuserprincipalname mailnickname benutzername anmeldename
        identifiant networklogin networkid""",
    RosterField.STATUS: """status userstatus employmentstatus employeestatus workerstatus
        accountstatus statut beschaeftigungsstatus mitarbeiterstatus""",
    RosterField.ACTIVE: "accountenabled enabled active aktiv actif activated isactive isenabled",
    RosterField.BARRED: "suspended disabled deactivated blocked gesperrt archived isarchived",
    RosterField.CONTROL_FLAGS: "useraccountcontrol",
    RosterField.REVIEW_STATE: "state",
    RosterField.EVENT: "event eventtype ereignis massnahme massnahmenart personalmassnahme",
    RosterField.EVENT_DAY: "eventdate datum gueltigab effectivedate wirksamab ereignisdatum",
    RosterField.START: """hiredate startdate start dateofhire joiningdate joindate originalhiredate
        eintrittsdatum eintritt einstellungsdatum datededebut datedentree dateentree dateembauche
        datedembauche employeehiredate continuousservicedate employmentstartdate""",
    RosterField.RESTART: "rehiredate wiedereintritt wiedereinstellung datedereembauche",
    RosterField.END: """enddate end terminationdate termdate austrittsdatum austritt endetaetigkeit
        datedesortie datesortie datedefin datededepart endofemployment employeeleavedatetime
        leavedate leavingdate lastday lastdayofwork lastworkingday exitdate separationdate
        employmentenddate dateofleaving terminationeffectivedate""",
    RosterField.CONTRACT_END: "contractenddate vertragsende findecontrat datedefindecontrat",
    RosterField.EXPIRES: "accountexpires accountexpirationdate accountexpirydate",
    RosterField.MANAGER: """manager managerid manageremail managervalue supervisor supervisorid
        supervisoreid manageruserid vorgesetzter vorgesetzte reportsto responsable superieur
        linemanager""",
    RosterField.UNIT: """department departement abteilung orgunitpath organizationalunit orgunit
        unit team division businessunit service kostenstelle costcenter organisationseinheit""",
    RosterField.KIND: """employeetype usertype workertype employmenttype contracttype
        beschaeftigungsart typedecontrat""",
    RosterField.PRIVATE: """secondemail recoveryemail recoveryphone homeemail bestemail
        personalemail privateemail privateemailadresse alternateemailaddress othermails
        emailpersonnel emailprive emailhome secondaryemail""",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}
_RANK_OF = {name: rank for names in _NAMES.values() for rank, name in enumerate(names.split())}
_PRIVATE = re.compile(
    r"birth|geburt|naissance|gender|geschlecht|^sexe?$|nationalit|salar|gehalt|payrate|payroll"
    r"|bank|iban|ssn|socialsec|sozialvers|securitesociale|steuer|religion|konfession|marital"
    r"|familienstand|photo|picture|phone|telefon|mobile|handy|reason|grund$|motif|priva|prive"
    r"|personalm|personale|personnel$|recovery|home|secondary|second|alternat|other|address|anschrift"
    r"|strasse|street|zip|emergency|notfall"
)
"""What a column that no list names is not even looked into for, whatever its cells hold."""
_WRAPPERS = re.compile(r"^(?:profile|attributes|fields|user|urn.*user|properties|worker)$")
"""Members that hold a person's own members, such as Okta's `profile`."""
_ASIDE = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_NAME_PARTS = {"name": {"givenname", "familyname", "fullname", "formatted"}}


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """A header without case, accents, brackets and signs: "E-Mail Address [Required]" too."""
    bare = _ASIDE.sub("", header).casefold().replace("ß", "ss")
    spelled = bare.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("æ"): "ae"})
    letters = unicodedata.normalize("NFKD", spelled)
    return "".join(each for each in letters if each.isalnum())


def field_of(header: str) -> RosterField | None:
    """What the column is, None for one that no list of ours names. Private ones come first."""
    key = header_key(header)
    if "@odata" in header:
        return None
    known = _FIELD_OF.get(key)
    asides = map(header_key, _aside_texts(header))
    if any(_PRIVATE.search(each) or each == "personal" for each in asides):
        return RosterField.PRIVATE
    if known is None and _PRIVATE.search(key):
        return RosterField.PRIVATE
    return known


def field_of_path(path: tuple[str, ...]) -> RosterField | None:
    """The same for a member of a JSON document, by its own name and those of its parents."""
    parts = [header_key(each) for each in path]
    while len(parts) > 1 and _WRAPPERS.match(parts[0]):
        parts = parts[1:]
    if any(_PRIVATE.search(part) for part in parts[:-1]):
        return RosterField.PRIVATE
    if len(parts) > 1 and parts[-1] in _NAME_PARTS.get(parts[0], ()):
        return field_of(parts[-1])
    return field_of("".join(parts)) if len(parts) > 1 else field_of(path[-1])


def _aside_texts(header: str) -> Iterator[str]:
    """What stands in brackets: of "E-mail (private)" the word that matters."""
    yield from (each.strip("[]()") for each in _ASIDE.findall(header))


@lru_cache(maxsize=4096)
def rank_of(header: str) -> int:
    """How good a source of its field a column is, 0 for the best."""
    return _RANK_OF.get(header_key(header.rpartition(".")[2]), 0)


def count_known(headers: Iterable[str]) -> int:
    """How much the headers tell of a person: two for what names one, one for all else kept."""
    fields = (field_of(header) for header in headers)
    known = (each for each in fields if each not in {None, RosterField.PRIVATE})
    return sum(2 if each in _NAMING else 1 for each in known)

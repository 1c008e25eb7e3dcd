"""In: a user's name. Out: the words in it that say that a crowd or a job uses it, not a person.

A heuristic, and the check that asks says so. Words are those of companies in English, German,
French and Spanish.
"""

import itertools
import re

_CROWD = frozenset(
    {
        "automation", "azubi", "azubis", "ci", "cicd", "daemon",
        "devops", "devsecops", "donotreply", "empfang", "equipe", "equipo", "everybody", "everyone",
        "gemeinsam", "generic", "gitlab", "github", "group", "gruppe", "helpdesk",
        "hotline", "interns", "kiosk", "mailbox", "nobody", "noreply", "partage",
        "postmaster", "praktikant", "praktikanten", "robot", "secops", "service", "serviceaccount",
        "servicedesk", "shared", "sharedaccount", "stagiaire", "svc", "sysadmin", "sysadmins",
        "team", "teams", "terraform", "webmaster",
    }
)  # fmt: skip
"""Words that name a crowd, a mailbox or a machine by themselves, whatever stands beside them."""
_JOBS = frozenset(
    {
        "accounting", "accounts", "admin", "all", "alle", "bot", "cd", "crew", "guest", "guests",
        "jenkins", "mailer", "administrator", "admins", "analytics", "backup",
        "billing", "buchhaltung", "compta", "consultant", "consultants", "contractor",
        "contractors", "data", "demo", "deploy", "deployment", "dev",
        "developer", "developers", "development", "devs", "einkauf",
        "engineering", "external", "finance", "frontdesk", "hr", "info", "infra", "infrastructure",
        "intern", "it", "legal", "marketing", "monitoring", "office", "operations", "operator",
        "operators", "ops", "personal", "platform", "public", "purchasing", "qa", "reception",
        "recepcion", "root", "sales", "scanner", "security", "soporte", "sre", "staff", "support",
        "technik", "temp", "test", "tester", "testing", "training", "user", "users", "vendor",
        "ventas", "vertrieb", "warehouse", "web",
    }
)  # fmt: skip
"""Words for a job or a purpose, some of them family names, too: a name made of nothing else names
nobody."""
_PLACES = frozenset(
    {
        "amsterdam", "apac", "asia", "aws", "berlin", "bern", "ch", "cloud", "console", "de",
        "dublin", "emea", "eu", "europe", "fr", "frankfurt", "global", "hamburg", "iam", "lisbon",
        "london", "madrid", "main", "milan", "munich", "nyc", "oslo", "prod", "production", "stage",
        "staging", "tokyo", "uk", "us", "usa", "vienna", "zurich",
    }
)  # fmt: skip
"""Words for a place or a stage, which make no person of a job."""
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


_PROGRAMS = frozenset(
    {
        "automation", "backup", "bot", "cd", "ci", "cicd", "daemon", "deploy", "deployment",
        "github", "gitlab", "jenkins", "mailer", "monitoring", "robot", "scanner", "service",
        "serviceaccount", "svc", "terraform",
    }
)  # fmt: skip
"""Words of both lists that name what runs by itself."""


def names_a_program(name: str) -> bool:
    """True if the name is that of a crowd or a job, and one that a program does."""
    return bool(_PROGRAMS.intersection(shared_words(name)))


def shared_words(name: str) -> tuple[str, ...]:
    """The words that name a crowd, or the job that all of the name is about; none for a person's.

    What follows `@` or `+` in an address is not of the name: bo+ops@example.com is Bo.
    """
    local = name.partition("@")[0].partition("+")[0]
    parts = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", local))]
    whole = [word.lower() for word in _WORD.findall(local)]
    pairs = [first + second for first, second in itertools.pairwise(parts)]
    crowd = [word for word in (*parts, *whole, *pairs) if word in _CROWD]
    if crowd:
        return tuple(dict.fromkeys(crowd))
    jobs = [word for word in parts if word in _JOBS]
    is_all_job = jobs and all(word in _JOBS | _PLACES for word in parts)
    return tuple(dict.fromkeys(jobs)) if is_all_job else ()

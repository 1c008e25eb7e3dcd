"""In: the document of a scan. Out: SARIF 2.1.0 as GitHub's code scanning takes it.

GitHub Docs, "SARIF support for code scanning": one run, 25,000 results, tags and fingerprints.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from analyzer.display import printable
from analyzer.leaks.kind_facts import KindFacts
from analyzer.leaks.model import CredentialKind, PlaceKind
from analyzer.rules.leak_severity import maximum_severity
from analyzer.rules.severity import Severity
from analyzer.writers.document.parts import describe_halves
from analyzer.writers.scan.document import Scanned

RESULTS = 25_000
"""GitHub refuses a run with more; of these it shows the first 5,000, so the worst come first."""
RELATED = 20
"""Further places of one credential; the JSON has them all."""
NOTED = 1000
"""Things named that were not looked at."""
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
# GitHub reads: above 9.0 critical, from 7.0 high, from 4.0 medium, below low.
_SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}
_TAGS = ("security", "credential", "aws", "external/cwe/cwe-798")
# What `files.printable_name` makes of a byte that is no UTF-8.
_STRANGE = re.compile(r"\\x([89a-f][0-9a-f])")

Json = dict[str, Any]


def render(scanned: Scanned) -> bytes:
    """The log, pure ASCII, with a final newline."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(scanned)]}
    return (json.dumps(log, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def _run(scanned: Scanned) -> Json:
    kinds = list(CredentialKind)
    roots = _roots([each["path"] for each in scanned["coverage"]["repositories"]])
    marks: defaultdict[str, list[Json]] = defaultdict(list)
    for mark in scanned["suppressions"]:
        marks[mark["credential"]].append(mark)
    results = []
    for found in scanned["credentials"][:RESULTS]:
        kind = CredentialKind(found["kind"])
        result = _result(found, kind.facts.title, marks[found["id"]], roots)
        results.append({"ruleId": kind.value, "ruleIndex": kinds.index(kind), **result})
    return {
        "tool": {
            "driver": {
                "name": "credaudit",
                "version": scanned["tool"]["version"],
                "semanticVersion": scanned["tool"]["version"],
                "rules": [_rule(kind, kind.facts) for kind in kinds],
            }
        },
        "automationDetails": {"id": "credaudit-scan/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": list(_notifications(scanned)),
            }
        ],
        "results": results,
    }


def _rule(kind: CredentialKind, prose: KindFacts) -> Json:
    worst = maximum_severity(kind).value
    return {
        "id": kind.value,
        "name": "".join(part.capitalize() for part in kind.value.split("-")),
        "shortDescription": {"text": prose.title},
        "fullDescription": {"text": f"{prose.title}. {prose.why}"},
        "help": {
            "text": f"{prose.why} {prose.fix} See {prose.page}",
            "markdown": f"{prose.why}\n\n**To do:** {prose.fix}\n\n[More on this]({prose.page})",
        },
        "helpUri": prose.page,
        "defaultConfiguration": {"level": _LEVEL[worst]},
        "properties": {
            "precision": "medium" if maximum_severity(kind) is Severity.LOW else "high",
            "security-severity": _SECURITY[worst],
            "tags": list(_TAGS),
        },
    }


def _roots(paths: Sequence[str]) -> list[str]:
    """What was scanned; repositories within it come under names of their own."""
    return [each for each in paths if not any(each.startswith(f"{other}/") for other in paths)]


def _result(found: Json, title: str, marks: Sequence[Json], roots: list[str]) -> Json:
    first, others = _sorted_places(found["occurrences"])
    result = {
        "level": _LEVEL[found["severity"]],
        "message": {"text": _message(found, title)},
        "locations": [_location(first, roots)] if first else [],
        "relatedLocations": [
            _location(place, roots) | {"id": number, "message": {"text": _words(place)}}
            for number, place in enumerate(others[:RELATED], start=1)
        ],
        # A credential stays the same one when lines move and when history is rewritten.
        "partialFingerprints": {
            "credential/v1": found["id"],
            "primaryLocationLineHash": f"{found['id'].removeprefix('cred-')}:1",
        },
        "properties": {"severity": found["severity"], "places": len(found["occurrences"])},
    }
    if found["set_aside"] and marks:
        result["suppressions"] = [
            {
                "kind": "inSource" if mark["by"] == "comment" else "external",
                "status": "accepted",
                "justification": printable(mark["reason"]),
            }
            for mark in marks
        ]
    return result


def _sorted_places(places: Sequence[Json]) -> tuple[Json | None, list[Json]]:
    """The place that GitHub can show, and the others: it shows files of HEAD, and one of them."""
    shown = next(
        (each for each in places if each["in_head"] or each["where"] == PlaceKind.WORK_TREE.value),
        places[0] if places else None,
    )
    return shown, [each for each in places if each is not shown]


def _message(found: Json, title: str) -> str:
    parts = [title, found["key_id"] or "", found["facts"]["label"] or ""]
    text = " ".join(part for part in parts if part)
    if found["account"]:
        text += f" of account {found['account']}"
    if found["owner"]["user"]:
        text += f", user {found['owner']['user']}"
    if halves := describe_halves(found):
        text += f", {halves}"
    if found["set_aside"]:
        text += f"; set aside: {found['set_aside']}"
    count = len(found["occurrences"])
    return _plain(f"{text} ({count} place{'' if count == 1 else 's'})")


def _location(place: Json, roots: list[str]) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri_of(place, roots), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": max(1, place["line"])},
        }
    }


def uri_of(place: Json, roots: list[str]) -> str:
    """The place's file, relative to the root that was scanned; every odd byte percent-encoded.

    A message is no file: its address is that of the object which holds it. Where several
    `roots` were scanned, the path begins with the name of one.
    """
    path, oid = place["path"], place["object"]
    messages = {PlaceKind.COMMIT_MESSAGE.value, PlaceKind.TAG_MESSAGE.value}
    if place["where"] in messages or not path:
        path = f".git/objects/{oid[:2]}/{oid[2:]}" if oid else place["where"]
    inside = place["repository"]
    if len(roots) < 2:  # noqa: PLR2004 - several
        inside = inside.removeprefix(roots[0] if roots else inside)
    path = "/".join(filter(None, (inside.strip("/"), path)))
    raw = _STRANGE.sub(lambda match: chr(0xDC00 + int(match[1], 16)), path)
    # With "//" in front it would name another machine.
    return quote(raw.lstrip("/").encode("utf-8", "surrogateescape"), safe="/")


def _words(place: Json) -> str:
    """A place in words, as related locations carry them."""
    at = place["commit"] or place["object"]
    return _plain(f"{place['where']}{f' at {at[:12]}' if at else ''}, line {place['line']}")


def _notifications(scanned: Scanned) -> Iterator[Json]:
    """What was not looked at, and what did not fit."""
    skipped = [
        f"not looked at: {repository['path']}: {each['what']}: {each['reason']}"
        for repository in scanned["coverage"]["repositories"]
        for each in repository["skipped"]
    ]
    for text in skipped[:NOTED]:
        yield _note(text)
    if len(skipped) > NOTED:
        yield _note(f"{len(skipped) - NOTED} more things were not looked at")
    if len(scanned["credentials"]) > RESULTS:
        yield _note(f"{len(scanned['credentials']) - RESULTS} more credentials, left out here")


def _note(text: str) -> Json:
    return {"level": "note", "message": {"text": _plain(text)}}


def _plain(text: str) -> str:
    """Text in which nothing becomes a placeholder or a link (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    doubled = printable(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", doubled)

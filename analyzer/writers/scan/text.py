"""In: the document of a scan. Out: text for a person, a block a credential, worst first."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analyzer.display import printable
from analyzer.writers.document.parts import credential_summary
from analyzer.writers.scan.document import Scanned

PLACES = 5
"""Places shown of one credential; the other formats have them all."""
SKIPPED = 10
"""Things shown that were not looked at, of each repository."""
_INDENT = "          "
_SHORT = 12
_COLOURS = {"critical": "1;31", "high": "31", "medium": "33", "low": "36", "info": "2"}
"""SGR parameters (ECMA-48, 8.3.117)."""


def render(scanned: Scanned, *, colour: bool = False, summary: bool = True) -> bytes:
    """What was found, what is set aside, and what was looked at; no character but what shows."""
    lines = list(_lines(scanned, colour=colour, summary=summary))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _lines(scanned: Scanned, *, colour: bool, summary: bool) -> Iterator[str]:
    serious = [each for each in scanned["credentials"] if not each["set_aside"]]
    aside = [each for each in scanned["credentials"] if each["set_aside"]]
    for each in serious:
        yield from _block(each, colour=colour)
        yield ""
    if aside:
        yield "Set aside:"
        yield ""
    for each in aside:
        yield from _block(each, colour=colour)
        yield ""
    if summary:
        yield from _coverage(scanned["coverage"]["repositories"])
        yield _total(len(serious), len(aside))


def _block(found: Mapping[str, Any], *, colour: bool) -> Iterator[str]:
    word = f"{found['severity']:<{len(_INDENT)}}"
    if colour:
        word = f"\x1b[{_COLOURS[found['severity']]}m{word}\x1b[0m"
    label = found["facts"]["label"]
    yield word + "  ".join(
        part
        for part in (
            found["kind"] + (f" ({printable(label)})" if label else ""),
            printable(found["key_id"] or ""),
            f"account {found['account']}" if found["account"] else "",
            f"user {printable(found['owner']['user'])}" if found["owner"]["user"] else "",
        )
        if part
    )
    for remark in _remarks(found):
        yield f"{_INDENT}{printable(remark)}"
    for place in found["occurrences"][:PLACES]:
        yield f"{_INDENT}{_place(place)}"
    more = len(found["occurrences"]) - PLACES
    if more > 0:
        yield f"{_INDENT}and {_counted(more, 'more place')}"


def _remarks(found: Mapping[str, Any]) -> Iterator[str]:
    """What is known of it, a line each."""
    if found["set_aside"]:
        yield f"set aside: {found['set_aside']}"
    yield from credential_summary(found)


def _place(place: Mapping[str, Any]) -> str:
    at = place["commit"] or place["object"]
    name = f"{place['repository']}{f'@{at[:_SHORT]}' if at else ''}"
    parts = [
        f"{name}:{place['path']}:{place['line']}",
        place["where"],
        _author(place),
        "" if place["reachable"] else "in no branch or tag",
        f"in {place['encoding']}" if place["encoding"] else "",
        place["doubt"] or "",
    ]
    return printable("  ".join(part for part in parts if part))


def _author(place: Mapping[str, Any]) -> str:
    """Who brought it in and when; that it is not known, where there is a commit to ask."""
    if not place["author"]:
        return "author unknown" if place["commit"] else ""
    # A commit of a diff that came through a pipe has no date.
    date = f", {place['date'][:10]}" if place["date"] else ""
    return f"{place['author']}{date}"


def _coverage(repositories: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for each in repositories:
        archives = f", {_counted(each['containers'], 'archive')}" if each["containers"] else ""
        size = f"{each['bytes']:,} bytes"
        read = f"{_counted(each['objects'], 'object')}, {size}{archives}"
        yield printable(f"looked at {each['path']}: {read}")
        for skipped in each["skipped"][:SKIPPED]:
            size = "" if skipped["bytes"] is None else f" ({skipped['bytes']:,} bytes)"
            yield printable(f"  not {skipped['what']}: {skipped['reason']}{size}")
        more = len(each["skipped"]) - SKIPPED
        if more > 0:
            yield f"  and {_counted(more, 'thing')} more; the JSON names each"


def _total(serious: int, aside: int) -> str:
    rest = f", {aside} set aside" if aside else ""
    return f"{_counted(serious, 'credential')}{rest}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

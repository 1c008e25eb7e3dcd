"""In: peer_checks.toml. Out: the page of other tools' checks against ours, and the counts."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PEERS = Path(__file__).with_name("peer_checks.toml")
WORDS = {
    "whole": "the same is judged",
    "part": "less is judged, or by another measure",
    "none": "not judged, though a file could tell",
    "command": "a command answers it",
    "outside": "in no file that is asked for",
    "opinion": "a matter of taste, left away on purpose",
}


def read_peers() -> tuple[Mapping[str, Any], ...]:
    """The sources in the file's order, each with its checks by id."""
    return tuple(tomllib.loads(PEERS.read_text(encoding="utf-8"))["source"])


def count_answers() -> Counter[str]:
    """How many checks of all sources are whole, part and so on."""
    return Counter(each["is"] for source in read_peers() for each in source["checks"].values())


def peers_page() -> str:
    """A table of counts, then a table for each source."""
    lines = ["# Other tools' checks", ""]
    lines += ["Which of these checks credaudit makes, by the ids of both. A check that two tools"]
    lines += ["have is counted twice. What no file can tell is left out or said so.", ""]
    lines += ["| tool | read | checks | " + " | ".join(WORDS) + " |"]
    lines += ["|---" * (3 + len(WORDS)) + "|"]
    lines += [_count_line(source) for source in read_peers()]
    lines += ["", *(f"- **{word}**: {meaning}" for word, meaning in WORDS.items()), ""]
    for source in read_peers():
        lines += [f"## {source['name']}", "", "| check | here | by |", "|---|---|---|"]
        lines += [*_check_lines(source["checks"]), ""]
    return "\n".join(lines)


def _count_line(source: Mapping[str, Any]) -> str:
    counts = Counter(each["is"] for each in source["checks"].values())
    cells = (source["name"], source["read"], len(source["checks"]), *(counts[w] for w in WORDS))
    return f"| {' | '.join(map(str, cells))} |"


def _check_lines(checks: Mapping[str, Any]) -> Iterator[str]:
    for name, each in checks.items():
        is_command = each["is"] == "command"
        ours = [
            f"`{one}`" if is_command else f"[`{one}`](checks/{one}.md)"
            for one in each.get("ours", ())
        ]
        yield f"| `{name}` | {each['is']} | {', '.join(ours)} |"

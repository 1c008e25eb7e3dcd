"""In: the report's evidence and a finding's places. Out: exhibits, and places put together by file.

A pack holds hundreds of small exports, one a user; they are listed as one exhibit.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.writers.document.report import Report

_ALIKE = 4
"""From so many files of one kind in one folder on, they stand in one line."""


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """One line of the evidence list: a file, or the files of one kind in one folder."""

    artifacts: tuple[Mapping[str, Any], ...]

    @property
    def first(self) -> Mapping[str, Any]:
        """The file itself, or the one by which the line is found."""
        return self.artifacts[0]

    @property
    def is_bundle(self) -> bool:
        """True where the line stands for several files."""
        return len(self.artifacts) > 1

    @property
    def name(self) -> str:
        """The path, or the folder."""
        path = str(self.first["path"])
        return path[: len(_folder(path))] or "(top folder)" if self.is_bundle else path

    @property
    def rows(self) -> int:
        """How many records all files list."""
        return sum(each["rows"] for each in self.artifacts)

    @property
    def size(self) -> int:
        """How many bytes all files have."""
        return sum(each["bytes"] for each in self.artifacts)

    @property
    def captured(self) -> tuple[str | None, str | None]:
        """Earliest and latest known time of capture."""
        times = sorted(each["captured_at"] for each in self.artifacts if each["captured_at"])
        return (times[0], times[-1]) if times else (None, None)

    @property
    def known_by(self) -> tuple[str, ...]:
        """Every way in which the times are known."""
        return tuple(dict.fromkeys(str(each["captured_how"]) for each in self.artifacts))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the parser noticed, each remark once."""
        return tuple(dict.fromkeys(note for each in self.artifacts for note in each["notes"]))


@dataclass(frozen=True, slots=True)
class Citation:
    """One source of a finding with all places in it. `artifact` is None for a repository."""

    artifact: Mapping[str, Any] | None
    anchor: str
    source: str
    places: tuple[Mapping[str, Any], ...]


def evidence_entries(report: Report) -> tuple[EvidenceEntry, ...]:
    """The evidence list, in the report's order; every artifact stands in exactly one line."""
    lines: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    alike: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for artifact in report["evidence"]:
        alike[_bundle_key(artifact)] += 1
    for artifact in report["evidence"]:
        bundle = _bundle_key(artifact)
        name = bundle if alike[bundle] >= _ALIKE else (artifact["id"],)
        lines.setdefault(name, []).append(artifact)
    return tuple(EvidenceEntry(tuple(each)) for each in lines.values())


def entry_anchors(listed: Sequence[EvidenceEntry]) -> Mapping[str, str]:
    """For each artifact's id, the id of the exhibit under which it is listed."""
    return {artifact["id"]: each.first["id"] for each in listed for artifact in each.artifacts}


def citations(
    finding: Mapping[str, Any],
    evidence: Mapping[str, Mapping[str, Any]],
    anchor_of: Mapping[str, str],
) -> tuple[Citation, ...]:
    """The finding's places by source, in the order in which the finding names them.

    A repository is no artifact, even where it is called like one: "E1" is a legal name.
    """
    gathered: dict[tuple[bool, str], list[Mapping[str, Any]]] = {}
    for place in finding["places"]:
        is_repository = "repository" in place
        source = place["repository"] if is_repository else place["evidence"]
        gathered.setdefault((is_repository, source), []).append(place)
    return tuple(
        Citation(
            artifact=None if is_repository else evidence.get(source),
            anchor="" if is_repository else anchor_of.get(source, ""),
            source=source
            if is_repository or source not in evidence
            else str(evidence[source]["path"]),
            places=tuple(places),
        )
        for (is_repository, source), places in gathered.items()
    )


def _bundle_key(artifact: Mapping[str, Any]) -> tuple[str, ...]:
    return artifact["kind"], _folder(artifact["path"]), artifact["account"] or ""


def _folder(path: str) -> str:
    """Everything up to the last separator; `!` parts an archive from its member."""
    return path[: max(path.rfind("/"), path.rfind("!")) + 1]

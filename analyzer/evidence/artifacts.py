"""In: nothing; these are the nouns of the evidence stage. Out: Artifact, Location, Note.

An artifact is one file as the account owner exported it; a location is one point in such a file.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analyzer.evidence.export_kinds import ExportKind


@dataclass(frozen=True, slots=True)
class Location:
    """One point in an artifact, to which a reader can go to check what a finding says.

    `evidence` is the artifact's id in the report. `row` counts the file's records from 1 with the
    header as row 1, as a spreadsheet shows them. `pointer` is an RFC 6901 JSON pointer into the
    file's document; in a file that holds several documents back to back, its first step is the
    document's number from 0.
    """

    evidence: str
    row: int | None = None
    column: str | None = None
    pointer: str | None = None

    def at(self, column: str) -> "Location":
        """The same row, narrowed to one column; a row of JSON has its cells as members."""
        if self.row is None:
            return self.child(column)
        return Location(self.evidence, self.row, column, self.pointer)

    def child(self, step: str | int) -> "Location":
        """One step further down the JSON document."""
        escaped = str(step).replace("~", "~0").replace("/", "~1")
        return Location(self.evidence, self.row, self.column, f"{self.pointer or ''}/{escaped}")


class CaptureTimeSource(StrEnum):
    """How an artifact's capture time is known, best first."""

    STATED = "stated by the export"
    PACK = "stated by the collect script"
    FILE_NAME = "inferred from the file name"
    NEWEST_STAMP = "inferred from the newest time inside"
    UNKNOWN = "unknown"

    @property
    def is_stated(self) -> bool:
        """True for a recorded time; an inferred one is the earliest that it can have been."""
        return self in {CaptureTimeSource.STATED, CaptureTimeSource.PACK}


class EvidenceDefect(StrEnum):
    """What a parser's note means for the checks of the evidence's quality."""

    REMARK = "remark"
    RESAVED = "re-saved by a spreadsheet"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable value"


@dataclass(frozen=True, slots=True)
class Note:
    """What the parser noticed about a file, in one sentence, with the location."""

    text: str
    location: Location
    defect: EvidenceDefect = EvidenceDefect.REMARK


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file as it came in, hashed before anything was parsed.

    `path` is the name that the person gave, with `!` between an archive and its member. `size` is
    in bytes. `account` is the 12-digit account that the file is about, None where that is unknown
    or it is about several. `rows` counts what it lists: users of a credential report, principals
    and policies of authorization details.
    """

    id: str
    path: str
    sha256: str
    size: int
    kind: ExportKind
    account: str | None = None
    captured_at: datetime | None = None
    captured_how: CaptureTimeSource = CaptureTimeSource.UNKNOWN
    rows: int = 0
    notes: tuple[Note, ...] = ()

"""In: an account's privileged principals. Out: their ways up as boxes and arrows, and in words.

Nothing here knows how a page is made; lengths are units of the drawing's own view box.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analyzer.display import printable
from analyzer.inventory.model import principal_noun
from analyzer.privesc.graph import PrivilegeLevel

Holder = Mapping[str, Any]
"""One entry of `privileged` in the report."""

MOST = 8
"""Rows drawn: more of them say no more to a reader, and the table has everyone."""
WIDTH = 920
ROW = 80
"""A row's height where words above its arrows take two lines; each line more is added to it."""
BOX_WIDTH, BOX_HEIGHT, END_WIDTH = 140, 58, 100
TEXT, LEADING, NOTE = 13, 15, 12
_BETWEEN = 2
"""Boxes between a principal and full rights; longer ways say how many steps are left out."""
_LAST_GAP = 80
_TOP, _LEGEND = 22, 40
_INSET, _HEAD = 8, 14
_LINES, _ROOMY_LINES, _NAME_LINES = 5, 2, 2
_ANYTHING = 400
"""Letters of a text that can matter where five lines are shown."""
_WIDTHS = {**dict.fromkeys("mwMW@%", 0.9), **dict.fromkeys("fijlrt.,:;'|! ", 0.36), "…": 0.9}
_RANKS = [each.value for each in PrivilegeLevel]
_SURE_LEVELS = frozenset({PrivilegeLevel.DIRECT.value, PrivilegeLevel.CHAIN.value})


@dataclass(frozen=True, slots=True)
class Box:
    """One place on a way: `kind` (user, role, full rights) over the lines of its name."""

    x: int
    y: int
    kind: str
    lines: tuple[str, ...]
    is_end: bool = False

    @property
    def width(self) -> int:
        """Full rights always read the same, so their box needs less room."""
        return END_WIDTH if self.is_end else BOX_WIDTH

    @property
    def middle(self) -> int:
        """The height at which arrows come and go."""
        return self.y + BOX_HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """One step: `label` stands above the line, `note` below it."""

    start: int
    end: int
    y: int
    label: tuple[str, ...]
    note: str
    is_certain: bool

    @property
    def center(self) -> int:
        """Where its words are centred."""
        return (self.start + self.end - _HEAD // 2) // 2


@dataclass(frozen=True, slots=True)
class EscalationDiagram:
    """The ways of `rows` principals, one a row; `left_out` more have a way that is not drawn."""

    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    rows: int
    left_out: int
    words: tuple[str, ...]
    width: int = WIDTH

    @property
    def has_doubts(self) -> bool:
        """True if some step is drawn as conditional."""
        return not all(each.is_certain for each in self.arrows)


@dataclass(frozen=True, slots=True)
class _Stop:
    """Where a way passes, and the step that leads there; the first has none."""

    kind: str
    name: str
    does: str
    is_certain: bool
    is_end: bool = False


def escalation_diagram(holders: Sequence[Holder]) -> EscalationDiagram | None:
    """The ways from principals to full rights, the worst and those with most ways first.

    None where nobody has a way. No box leaves the view box (WIDTH by `height`), no two overlap.
    """
    climbing = sorted((each for each in holders if each["route"]), key=_rank)
    if not climbing:
        return None
    shown = climbing[:MOST]
    admins = {
        each["principal"] for each in holders if each["level"] == PrivilegeLevel.ADMINISTRATOR
    }
    ways = [tuple(_stops(each, admins)) for each in shown]
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    top = _TOP
    for way, holder in zip(ways, shown, strict=True):
        left = _left_edges(way)
        labels = tuple(_labels(way, left))
        top += LEADING * max(0, *(len(each) - _ROOMY_LINES for each in labels))
        placed = _boxes(way, left, top)
        boxes += placed
        arrows += _arrows(placed, labels, way, holder)
        top += ROW
    return EscalationDiagram(
        height=top + _LEGEND,
        boxes=tuple(boxes),
        arrows=tuple(arrows),
        rows=len(shown),
        left_out=len(climbing) - len(shown),
        words=tuple(f"{_named(each)} {describe_path(each)}" for each in shown),
    )


def describe_path(holder: Holder) -> str:
    """The shortest way in words, as a clause whose subject is the principal; empty without one."""
    steps = [
        each["action_text"] if each["certain"] else f"{each['action_text']} (under conditions)"
        for each in holder["route"]
    ]
    sources = [principal_noun(each["principal"]) for each in holder["route"]]
    joined = [
        step if source == before else f"as {source} {step}"
        for before, source, step in zip(sources, sources[1:], steps[1:], strict=False)
    ]
    return ", then ".join([*steps[:1], *joined])


def text_width(text: str, size: int = TEXT) -> float:
    """At most how wide the text is when set in the report's typeface."""
    return size * sum(map(_letter_width, text))


def wrap_label(text: str, width: float, most: int, size: int = TEXT) -> tuple[str, ...]:
    """The text as at most so many lines, none wider than that; what is cut off ends with "…"."""
    lines: list[str] = []
    line = ""
    for word in _pieces(printable(text[:_ANYTHING]), width, size):
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    lines += [line] if line else []
    if len(lines) <= most and len(text) <= _ANYTHING:
        return tuple(lines)
    *before, last = lines[:most] or [""]
    while last and text_width(f"{last}…", size) > width:
        last = last[:-1]
    return (*before, f"{last.rstrip()}…")


def _rank(holder: Holder) -> tuple[int, int, int, str]:
    ways, conditional = holder["paths"], holder["conditional_paths"]
    return _RANKS.index(holder["level"]), -ways, -conditional, holder["principal"]


def _stops(holder: Holder, admins: set[str]) -> Iterator[_Stop]:
    """The principal, up to two that it becomes, and full rights."""
    route = holder["route"]
    yield _Stop(*_parts(holder["principal"]), "", is_certain=True)
    at = holder["principal"]
    for step in [each for each in route if each["target"]][:_BETWEEN]:
        yield _Stop(*_parts(step["target"]), _does(step, at), step["certain"])
        at = step["target"]
    last = route[-1]
    left = len(route) - _BETWEEN
    if last["target"] is None and left <= 1:
        yield _Stop("full rights", "Administrator", _does(last, at), last["certain"], is_end=True)
        return
    is_certain = holder["level"] in _SURE_LEVELS or last["target"] in admins | {None}
    does = "has full rights" if is_certain else "may have full rights"
    if left > 0:
        does = f"{left} more step{'' if left == 1 else 's'}"
        is_certain = is_certain and all(each["certain"] for each in route[_BETWEEN:])
    yield _Stop("full rights", "Administrator", does, is_certain, is_end=True)


def _does(step: Mapping[str, Any], at: str) -> str:
    """The words over an arrow; they name whoever takes the step, if it is not the box before."""
    source, does = step["principal"], str(step["action_text"])
    return does if source == at else f"as {principal_noun(source)}, {does}"


def _left_edges(way: tuple[_Stop, ...]) -> tuple[int, ...]:
    """Where boxes begin. Whoever comes last before full rights stands close to them in each row."""
    between = len(way) - 2
    last = WIDTH - END_WIDTH
    pitch = (last - _LAST_GAP - BOX_WIDTH) // between if between else 0
    return (*(index * pitch for index in range(between + 1)), last)


def _labels(way: tuple[_Stop, ...], left: tuple[int, ...]) -> Iterator[tuple[str, ...]]:
    """The words over each arrow."""
    for (before, after), stop in zip(pairwise(left), way[1:], strict=True):
        yield wrap_label(stop.does, _room(before + BOX_WIDTH, after), _LINES)


def _room(start: int, end: int) -> int:
    return end - start - _HEAD - _INSET


def _boxes(way: tuple[_Stop, ...], left: tuple[int, ...], top: int) -> tuple[Box, ...]:
    room = BOX_WIDTH - 2 * _INSET
    y = top + (ROW - BOX_HEIGHT) // 2
    return tuple(
        Box(x, y, stop.kind, _name(stop.name, room), stop.is_end)
        for x, stop in zip(left, way, strict=True)
    )


def _name(name: str, room: int) -> tuple[str, ...]:
    return wrap_label(name, room, _NAME_LINES) or ("(no name)",)


def _arrows(
    boxes: tuple[Box, ...],
    labels: tuple[tuple[str, ...], ...],
    way: tuple[_Stop, ...],
    holder: Holder,
) -> Iterator[Arrow]:
    for (before, after), label, stop in zip(pairwise(boxes), labels, way[1:], strict=True):
        start, end = before.x + before.width, after.x
        note = _others(holder, _room(start, end)) if before is boxes[0] else ""
        yield Arrow(start, end, before.middle, label, note, stop.is_certain)


def _others(holder: Holder, room: int) -> str:
    """How many ways there are beside the one drawn, the possible ones apart where there is room."""
    is_certain = holder["route"][0]["certain"] and holder["paths"] > 0
    certain = holder["paths"] - is_certain
    possible = max(0, holder["conditional_paths"] - (not is_certain))
    more = f"{certain:,} more" if certain else ""
    possibly = f"{possible:,} possible" if possible else ""
    both = f"and {', '.join(each for each in (more, possibly) if each)}"
    if not more and not possibly:
        return ""
    return both if text_width(both, NOTE) < room else f"and {more or possibly}"


def _named(holder: Holder) -> str:
    return principal_noun(holder["principal"])


def _parts(arn: str) -> tuple[str, str]:
    """The kind and the name in a box."""
    kind, _, name = principal_noun(arn).partition(" ")
    return (kind, name) if name else ("", kind)


def _pieces(text: str, width: float, size: int) -> Iterator[str]:
    """The words; one that is wider than a line in pieces that are not."""
    for word in text.split(" "):
        piece = ""
        for letter in word:
            if text_width(piece + letter, size) > width:
                yield piece
                piece = ""
            piece += letter
        if piece:
            yield piece


def _letter_width(letter: str) -> float:
    """In shares of the size of type; generous, since a browser may lack the typeface."""
    if not letter.isascii():
        return 1.0
    return _WIDTHS.get(letter, 0.68 if letter.isupper() else 0.53)

"""In: the document of a comparison. Out: lines for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from analyzer.display import printable
from analyzer.tracking.changes import Change
from analyzer.writers.comparison.document import score_lines


def render_text(document: Mapping[str, Any], *, lists_open: bool) -> Iterator[str]:
    """The scores, then each kind of change with its findings; open ones only where asked for."""
    yield from map(printable, score_lines(document))
    for change in Change:
        same = [each for each in document["changes"] if each["change"] == change.value]
        if not same:
            continue
        is_listed = lists_open or change is not Change.OPEN
        yield f"{change.value} ({len(same)}){'' if is_listed else ', --all lists them'}"
        if is_listed:
            yield from (printable(_line(each)) for each in same)


def _line(told: Mapping[str, Any]) -> str:
    why = f"  ({told['why']})" if told["why"] else ""
    return f"  {told['severity']:8} {told['rule']}  {told['resource']}{why}"

"""In: texts and edits. Out: the proof that each place after them is known before them."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.leaks.decode.edits import Edit, apply_edits

PARTS = st.lists(
    st.tuples(st.text("ab\n", max_size=4), st.text("cd\n", max_size=4), st.text("x\n", max_size=4)),
    max_size=6,
)


def _edits(parts: list[tuple[str, str, str]]) -> tuple[str, list[Edit]]:
    """A text of parts that stay and parts that are replaced."""
    text, edits = "", list[Edit]()
    for stays, goes, comes in parts:
        text += stays
        if goes:
            edits.append((len(text), len(text) + len(goes), comes))
        text += goes
    return text, edits


def _moved(offset: int, edits: list[Edit]) -> int:
    """Where what began at the offset begins after the edits."""
    shift = 0
    for start, end, new in edits:
        if start < offset < end:
            return start + shift + (offset - start) * len(new) // (end - start)
        if end <= offset:
            shift += len(new) - (end - start)
    return offset + shift


@given(PARTS)
def test_offset_before_is_the_last_that_is_not_behind(parts):
    """Compared with moving each offset of the text by itself."""
    text, edits = _edits(parts)
    edited = apply_edits(text, edits)
    for offset in range(len(edited.text)):
        before = [each for each in range(len(text)) if _moved(each, edits) <= offset]
        assert min(edited.offset_before(offset), len(text) - 1) == max(before)


@given(PARTS)
def test_edited_text_is_what_stays_and_what_comes(parts):
    """And the places are those of what came."""
    text, edits = _edits(parts)
    edited = apply_edits(text, edits)
    assert edited.text == "".join(stays + (comes if goes else "") for stays, goes, comes in parts)
    assert [edited.text[slice(*place)] for place in edited.places] == [new for _, _, new in edits]

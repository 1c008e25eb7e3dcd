"""In: a window of bytes. Out: its text, then again after each encoding is removed.

Each such layer keeps the names and neighbours of a value and knows the lines of the outer text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.charsets import NUL_BYTES, as_texts
from analyzer.leaks.decode.concatenation import CONCATENATION, concatenation_edits
from analyzer.leaks.decode.edits import (
    Edit,
    EditedText,
    affects_key_material,
    apply_edits,
)
from analyzer.leaks.decode.encodings import decode_edits
from analyzer.leaks.decode.escapes import unescape_edits
from analyzer.leaks.decode.number_lists import has_byte_list
from analyzer.leaks.faults import FaultLog


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text after some encodings have been removed.

    `encodings` are outermost first, empty for the text itself. `line` is that of the outer text,
    from 1, in which that begins. `before` is the text in which `edited` removed the last encoding.
    """

    text: str
    encodings: tuple[str, ...]
    line: int
    before: "DecodedText | None" = None
    edited: EditedText | None = None

    def line_at(self, offset: int) -> int:
        """The line of the outer text from which the character at `offset` comes."""
        return next(self.lines_at([offset]))

    def lines_at(self, offsets: Sequence[int]) -> Iterator[int]:
        """The same for ascending offsets, in time linear in the text."""
        outer = self
        while outer.before and outer.edited:
            offsets = [outer.edited.offset_before(offset) for offset in offsets]
            outer = outer.before
        line, counted = self.line, 0
        for offset in offsets:
            # What was put in at the beginning comes from before it.
            line += outer.text.count("\n", counted, max(offset, counted))
            counted = max(offset, counted)
            yield line


def decoded_texts(
    data: bytes, budget: Budget, faults: FaultLog | None = None
) -> Iterator[DecodedText]:
    """The text of the window, its lines counted from 1, and its layers.

    What exceeds the budget is left out, and the budget says so. A decoder that raises is noted in
    `faults`, and the others go on.
    """
    faults = FaultLog() if faults is None else faults
    for charset, text in as_texts(data):
        if not budget.charge_layer(len(text)):
            return
        layer = DecodedText(text, (charset,) if charset else (), 1)
        yield layer
        yield from _decode_repeatedly(layer, budget, faults)


def _decode_repeatedly(
    layer: DecodedText, budget: Budget, faults: FaultLog
) -> Iterator[DecodedText]:
    """The layer with one encoding less each time, until there is none to remove."""
    for _ in range(budget.rounds):
        decoded = _decode_once(layer, budget, faults)
        if decoded is None or not budget.charge_layer(len(decoded.text)):
            return
        layer = decoded
        yield layer
    if _decode_once(layer, budget, faults):
        budget.refuse("is encoded more times over than is decoded")


def _decode_once(layer: DecodedText, budget: Budget, faults: FaultLog) -> DecodedText | None:
    # Base64 comes last: what is written `\n` between its lines must first be a line's end.
    for step, remove in (
        ("joined strings", _join_strings),
        ("escapes", _unescape),
        ("NUL bytes", _drop_nul),
        ("encoded fields", _decode),
    ):
        try:
            decoded = remove(layer, budget)
        except Exception as fault:  # noqa: BLE001 - a fault in one decoder must not cost the others
            faults.note(step, fault)
            continue
        if decoded:
            return decoded
    return None


def _join_strings(layer: DecodedText, budget: Budget) -> DecodedText | None:
    edits = concatenation_edits(layer.text)
    if not edits or not budget.charge_edits(len(edits)):
        return None
    edited = apply_edits(layer.text, edits)
    return _after(layer, edited, (CONCATENATION,)) if affects_key_material(edited) else None


def _unescape(layer: DecodedText, budget: Budget) -> DecodedText | None:
    edits, encodings = unescape_edits(layer.text)
    if not edits or not budget.charge_edits(len(edits)):
        return None
    edited = apply_edits(layer.text, edits)
    text = edited.text
    # An escape can also hide the quotes between two literals, which come next.
    shows_more = affects_key_material(edited) or has_byte_list(text)
    if shows_more or affects_key_material(apply_edits(text, concatenation_edits(text))):
        return _after(layer, edited, encodings)
    return None


def _drop_nul(layer: DecodedText, budget: Budget) -> DecodedText | None:
    # The outermost text loses its NULs with its character set.
    if "\0" not in layer.text or not layer.encodings or not budget.charge_edits(1):
        return None
    at, edits = layer.text.find("\0"), list[Edit]()
    while at >= 0:
        edits.append((at, at + 1, ""))
        at = layer.text.find("\0", at + 1)
    return _after(layer, apply_edits(layer.text, edits), (NUL_BYTES,))


def _decode(layer: DecodedText, budget: Budget) -> DecodedText | None:
    edits, encodings = decode_edits(layer.text, budget)
    return _after(layer, apply_edits(layer.text, edits), encodings) if edits else None


def _after(layer: DecodedText, edited: EditedText, encodings: tuple[str, ...]) -> DecodedText:
    return DecodedText(edited.text, layer.encodings + encodings, layer.line, layer, edited)

"""In: bytes and the offsets in them that are worth a look. Out: layers of text, undressed in turn.

The text as it stands comes first; each coat taken off makes a further layer, which keeps the names
and neighbours of a value and knows the lines of the outer text.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.charsets import NUL_BYTES, newline, readings
from analyzer.leaks.decode.concatenation import CONCATENATION, joints
from analyzer.leaks.decode.edits import (
    Breaks,
    Edit,
    Edited,
    edited,
    moved,
    of_newlines,
    touches_material,
)
from analyzer.leaks.decode.encodings import encoded, lists_bytes
from analyzer.leaks.decode.escapes import escapes
from analyzer.leaks.decode.windows import extents


@dataclass(frozen=True, slots=True)
class Layer:
    """A text after some coats have been taken off.

    `coats` are outermost first, none for the text as it stands. `line` is that of the outer text
    (from 1) in which the layer begins. `breaks` are offset and outer line, ascending, where lines
    can't be counted by newlines.
    """

    text: str
    coats: tuple[str, ...]
    line: int
    breaks: Breaks = ()

    def line_at(self, offset: int) -> int:
        """The line of the outer text from which the character at `offset` comes."""
        if not self.breaks:
            return self.line + self.text.count("\n", 0, offset)
        return self.breaks[max(bisect_right(self.breaks, (offset, 1 << 62)) - 1, 0)][1]

    def lines_at(self, offsets: Sequence[int]) -> Iterator[int]:
        """The same for ascending offsets, in time linear in the text."""
        line, counted = self.line, 0
        for offset in offsets:
            if self.breaks:
                yield self.line_at(offset)
                continue
            line += self.text.count("\n", counted, offset)
            counted = offset
            yield line


def layers(data: bytes, spots: Sequence[int], budget: Budget) -> Iterator[Layer]:
    """The texts around the spots (of all of `data` where none is given), dressed and undressed.

    Costs as much as the windows around the spots hold, not as much as `data` does. What is too
    much for the budget is left out, and the budget says so.
    """
    line, counted, ending = 1, 0, newline(data)
    for begin, end in extents(data, spots):
        line += data.count(ending, counted, begin)
        counted = begin
        for charset, text in readings(data[begin:end]):
            if not budget.charge_layer(len(text)):
                return
            layer = Layer(text, (charset,) if charset else (), line)
            yield layer
            yield from _undressed(layer, budget)


def _undressed(layer: Layer, budget: Budget) -> Iterator[Layer]:
    """The layer without one coat more each time, until no coat is left."""
    for _ in range(budget.rounds):
        barer = _barer(layer, budget)
        if barer is None or not budget.charge_layer(len(barer.text)):
            return
        layer = barer
        yield layer
    if _barer(layer, budget):
        budget.refuse("wears more coats than are taken off")


def _barer(layer: Layer, budget: Budget) -> Layer | None:
    # Base64 comes last: what is written `\n` between its lines must first be a line's end.
    for take_off in (_joined, _unescaped, _without_nul, _decoded):
        found = take_off(layer, budget)
        if found:
            return found
    return None


def _joined(layer: Layer, budget: Budget) -> Layer | None:
    edits = joints(layer.text)
    if not edits or not budget.charge_edits(len(edits)):
        return None
    done = edited(layer.text, edits)
    return _layer(layer, edits, done, (CONCATENATION,)) if touches_material(done) else None


def _unescaped(layer: Layer, budget: Budget) -> Layer | None:
    edits, families = escapes(layer.text)
    if not edits or not budget.charge_edits(len(edits)):
        return None
    done = edited(layer.text, edits)
    text = done.text
    bares = touches_material(done) or lists_bytes(text)
    if bares or touches_material(edited(text, joints(text))):
        return _layer(layer, edits, done, families)
    return None


def _without_nul(layer: Layer, budget: Budget) -> Layer | None:
    # NULs of the outermost text are taken off with its character set.
    if "\0" not in layer.text or not layer.coats or not budget.charge_edits(1):
        return None
    at, edits = layer.text.find("\0"), list[Edit]()
    while at >= 0:
        edits.append((at, at + 1, ""))
        at = layer.text.find("\0", at + 1)
    return _layer(layer, edits, edited(layer.text, edits), (NUL_BYTES,))


def _decoded(layer: Layer, budget: Budget) -> Layer | None:
    edits, coats = encoded(layer.text, budget)
    return _layer(layer, edits, edited(layer.text, edits), coats) if edits else None


def _layer(
    layer: Layer, edits: Sequence[Edit], done: Edited, coats: tuple[str, ...]
) -> Layer | None:
    """The layer after the edits, with its lines carried over."""
    breaks = layer.breaks
    if done.moves_lines and not breaks:
        breaks = of_newlines(layer.text, layer.line)
    breaks = moved(breaks, edits, done.places)
    return replace(layer, text=done.text, coats=layer.coats + coats, breaks=breaks)

"""In: a text and offsets in it. Out: the number of the block in which each lies.

A block is what somebody wrote as one thing: the inside of a pair of braces, a section of an INI
file, a document of YAML, a row of a table, or a paragraph. Two halves in one block belong together
sooner than two that are as near but in different ones.
"""

from collections.abc import Sequence

from analyzer.leaks.lazy_regex import lazy_regex

# Each begins with one of three characters, each written as one: a search for those is fast.
_BORDER = lazy_regex(
    r"\{|\}|\n(?:[ \t]*\[[^\]\n]{0,200}\][ \t\r]*(?=\n)|[ \t\r]*(?=\n)|---)",
)
_DEEPEST = 1_000


def blocks(text: str, offsets: Sequence[int]) -> list[int]:
    """A number for each of the ascending offsets, equal for those in one block; linear time."""
    numbers: list[int] = []
    # Each border is an offset where a block begins, or goes on after an inner one.
    stack, block = [0], 0
    for match in _BORDER.finditer(text) if offsets else ():
        end, border = match.end(), match[0]
        while offsets[len(numbers)] < end:
            numbers.append(block)
            if len(numbers) == len(offsets):
                return numbers
        if border == "{":
            if len(stack) < _DEEPEST:
                stack.append(end)
        elif border == "}":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1] = end
        block = stack[-1]
    return numbers + [block] * (len(offsets) - len(numbers))

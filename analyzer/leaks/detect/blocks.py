"""In: a text and offsets in it. Out: the block in which each stands, as a number.

A block is what somebody wrote as one thing: the inside of a pair of braces, a section of an INI
file, a document of YAML, a row of a table, or a paragraph. Two halves in one block belong together
sooner than two that are as near but stand in two.
"""

from collections.abc import Iterator, Sequence

from analyzer.leaks.lazy_regex import lazy_regex

_BORDER = lazy_regex(
    r"(?P<open>[{])|(?P<shut>[}])"
    r"|(?P<part>\n[ \t]*\[[^\]\n]{0,200}\][ \t\r]*(?=\n)|\n[ \t\r]*(?=\n)|\n---)",
)
_DEEPEST = 1_000


def blocks(text: str, offsets: Sequence[int]) -> list[int]:
    """A number for each of the ascending offsets, equal for those in one block; linear time."""
    found = []
    walked = _walk(text)
    block = 0
    coming = next(walked, None)
    for offset in offsets:
        while coming is not None and coming[0] <= offset:
            block = coming[1]
            coming = next(walked, None)
        found.append(block)
    return found


def _walk(text: str) -> Iterator[tuple[int, int]]:
    """Each offset where a block begins or is gone back to, and its number."""
    stack = [0]
    for match in _BORDER.finditer(text):
        number = match.end()
        if match["open"]:
            if len(stack) < _DEEPEST:
                stack.append(number)
        elif match["shut"]:
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1] = number
        yield number, stack[-1]

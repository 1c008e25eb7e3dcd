"""In: nothing; the chapters of a page in their order. Out: each with its number and its title.

Results come first; what they rest on stands in appendices, so that a reader who stops early has
read what matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class PageChapter:
    """One chapter: its anchor, its number or letter, its title, and how a sentence refers to it."""

    anchor: str
    number: str
    title: str

    @property
    def reference(self) -> str:
        """Such as "chapter 3" or "appendix B"."""
        return f"{'chapter' if self.number.isdigit() else 'appendix'} {self.number}"


_RESULTS = (
    ("summary", "Summary"),
    ("practices", "Findings by practice"),
    ("leaks", "Leaked credentials"),
    ("power", "Privileged access"),
    ("changes", "Changes since the last report"),
    ("controls", "Controls, framework by framework"),
)
_APPENDICES = (
    ("score", "How the score is calculated"),
    ("scope", "Scope, method and evidence"),
    ("gaps", "Not assessed"),
    ("population", "Population"),
    ("closing", "Sign-off and versions"),
)
CHAPTERS: Mapping[str, PageChapter] = MappingProxyType(
    {
        anchor: PageChapter(anchor, number, title)
        for named, numbers in ((_RESULTS, "123456"), (_APPENDICES, ascii_uppercase))
        for (anchor, title), number in zip(named, numbers, strict=False)
    }
)
"""By anchor, in the order of the page."""

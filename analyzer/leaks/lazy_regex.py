"""In: a regular expression. Out: the same, compiled when it is first used.

Most content shows nothing and most scans need few expressions; compiling all of them would take a
third of the time that a scan of a small repository takes.
"""

import re
from typing import Any, AnyStr, cast


class LazyRegex:
    """Stands in for an `re.Pattern` and has its attributes."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source: Any = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever `re.Pattern` has
        """The attribute of the compiled expression; from then on the instance has it itself."""
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value


def lazy_regex(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, but a wrong expression raises re.error only when it is first used."""
    return cast("re.Pattern[AnyStr]", LazyRegex(source, flags))

"""The two forms of a column, which holds one number for each object of a pack.

An `array` of plain Python for most packs, an array of numpy for large ones. Functions that exist in
both forms are typed by `ColumnT`, so that no form is handed to a function of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from array import array
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    PlainColumn: TypeAlias = array[int]
    NumpyColumn: TypeAlias = NDArray[Any]
    Column: TypeAlias = PlainColumn | NumpyColumn

ColumnT = TypeVar("ColumnT", "PlainColumn", "NumpyColumn")

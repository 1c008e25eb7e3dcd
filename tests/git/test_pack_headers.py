"""Headers that name an impossible delta base: none of them makes an object its own base."""

from pathlib import Path

import numpy as np
import pytest

from analyzer.git.lookup import read_object
from analyzer.git.object_store import open_store
from analyzer.git.pack_headers import (
    LOST_BASE,
    NO_BASE,
    EntryHeaders,
    read_headers,
    read_headers_numpy,
)
from tests.git.git_material import (
    BY_NUMPY,
    OFS_DELTA,
    PLAINLY,
    Packed,
    appending,
    blob,
    content,
    everything,
    laid_out,
    made_up,
    told,
)

WHOLE = blob(b"the only whole object\n")
DELTA = "ab" * 20
"""The id of a delta whose base lies no byte before it: at its own place."""


def _plainly(pack: bytes, offsets: list[int]) -> EntryHeaders:
    return read_headers(pack, offsets, 20, lambda _: -1)


def _by_numpy(pack: bytes, offsets: list[int]) -> EntryHeaders:
    return read_headers_numpy(pack, np.array(offsets, dtype=np.int64), 20, lambda _: -1)


def _write_pack(objects: Path) -> list[int]:
    delta = Packed(DELTA, OFS_DELTA, appending(b"", b"made of nothing"), back=0)
    return made_up(objects, [WHOLE, delta])


@pytest.mark.parametrize("read", [_plainly, _by_numpy], ids=["plainly", "by numpy"])
def test_a_distance_of_0_leads_to_no_base(tmp_path: Path, read) -> None:
    """A delta that names its own place as that of its base has lost its base."""
    offsets = _write_pack(tmp_path)
    headers = read((tmp_path / "pack" / "pack-made.pack").read_bytes(), offsets)
    assert [int(base) for base in headers.bases] == [NO_BASE, LOST_BASE]


@pytest.mark.parametrize("many", [PLAINLY, BY_NUMPY], ids=["plainly", "by numpy"])
def test_a_delta_on_itself_is_reported_and_never_comes_as_content(
    tmp_path: Path, many: int
) -> None:
    """The walk ends, reports the delta once with its reason, and the whole object comes."""
    _write_pack(tmp_path)
    store = laid_out(open_store(tmp_path), many)
    found, unreadable = told(everything(store))
    assert found == {WHOLE.oid: content("blob", WHOLE.body)}
    reported = [(each.oid, each.reason) for each in (*store.unreadable, *unreadable)]
    assert reported == [(DELTA, "its delta base is not in the pack")]
    assert read_object(store, DELTA) is None

"""In: the repository as mirror, bundle, archive, folder, files and pipe. Out: what each still has.

A place is demanded exactly where the form keeps what holds its pair.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import pytest

from analyzer.leaks.model import Credential, LeakScan
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.hiding.archives import CLOSED
from tests.leaks.hiding.forms import FORMS
from tests.leaks.hiding.model import Holder, Place
from tests.leaks.hiding.places import HIDEOUTS, PLACES

pytestmark = pytest.mark.xdist_group("hiding")
_LFS = "an object of Git LFS that is not here"
ELSEWHERE = {"bundle": [_LFS], "mirror": [_LFS], "folder": [_LFS, "a submodule, https://git."]}
CONTENT = {each.file: each for each in HIDEOUTS if not each.place.also}


def pairs(found: Iterable[Credential]) -> set[tuple[str | None, str | None]]:
    """Key IDs with the digests of their secrets."""
    return {(each.key_id, each.secret_digest) for each in found}


def names(result: LeakScan) -> set[str]:
    """The places whose pair was found, whole."""
    known = pairs(result.credentials)
    return {name for name, place in PLACES.items() if (place.pair.id, place.pair.digest) in known}


def strange(result: LeakScan) -> list[str | None]:
    """Key IDs that nobody hid."""
    ids = {place.pair.id for place in PLACES.values()}
    return [each.key_id for each in result.credentials if each.key_id and each.key_id not in ids]


@pytest.fixture(scope="session", params=FORMS)
def handed_over(request, hidden, tmp_path_factory) -> tuple[str, LeakScan]:
    """A form's name, and what a scan says of the repository in it."""
    folder = tmp_path_factory.mktemp("forms")
    return request.param, scan([FORMS[request.param].make(hidden, folder)])


def test_a_form_has_the_places_that_it_keeps_and_no_others(handed_over):
    """What came along is found with its secret; what stayed behind is nowhere."""
    name, result = handed_over
    form = FORMS[name]
    expected = {each.name for each in PLACES.values() if each.holder in form.holders}
    assert names(result) == expected | form.also
    assert strange(result) == []


def test_files_keep_their_path_and_line_in_every_form(handed_over):
    """What HEAD has stands at the same place, whether its history came along or not."""
    name, result = handed_over
    wrong = []
    for place in (each for each in PLACES.values() if each.holder is Holder.HEAD):
        (found,) = (
            each
            for each in result.credentials
            if (each.key_id, each.kind) == (place.pair.id, place.kind)
        )
        spots = [spot for spot in found.occurrences if fnmatchcase(spot.path, place.path)]
        is_right = [
            spot.in_head is (name != "folder") and (not place.lines or spot.line in place.lines)
            for spot in spots
        ]
        wrong += [(place.name, spots)] if is_right != [True] else []
    assert wrong == []


def test_what_a_form_leaves_out_is_told(handed_over):
    """Links out of the tree and closed archives are left unread, in whatever form they come.

    What Git LFS and submodules keep elsewhere comes along with the work tree's git directory only.
    """
    name, result = handed_over
    known = (
        "a symbolic link out of the tree",
        *ELSEWHERE.get(name, ()),
        *(reason for _, _, reason in CLOSED.values()),
    )
    reasons = {each.reason for part in result.repositories for each in part.skipped}
    assert len(reasons) >= len(CLOSED)
    assert [each for each in reasons if not any(reason in each for reason in known)] == []
    assert all(any(reason in each for each in reasons) for reason in ELSEWHERE.get(name, ()))


@pytest.fixture(scope="session")
def one_by_one(tmp_path_factory) -> LeakScan:
    """What a scan says of each file by itself."""
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for number, hideout in enumerate(CONTENT.values()):
        paths.append(folder / str(number) / hideout.file.rpartition("/")[2])
        paths[-1].parent.mkdir()
        paths[-1].write_bytes(hideout.content())
    return scan(paths)


def shown(result: LeakScan, place: Place) -> bool:
    """Whether the pair of a place was found."""
    return (place.pair.id, place.pair.digest) in pairs(result.credentials)


@pytest.mark.parametrize("file", CONTENT)
def test_a_single_file_is_enough(one_by_one, file):
    """No encoding needs the repository around it."""
    assert shown(one_by_one, CONTENT[file].place)


@pytest.mark.parametrize("file", CONTENT)
def test_standard_input_is_as_good_as_a_file(file):
    """What comes through a pipe is read in whatever encoding, without a name to tell by."""
    hideout = CONTENT[file]
    result = scan([], ScanOptions(standard_input=hideout.content()))
    assert shown(result, hideout.place)
    assert strange(result) == []
    assert [each.skipped for each in result.repositories] == [()]

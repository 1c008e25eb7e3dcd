"""In: a repository full of what looks like keys. Out: the proof that none is taken for one.

Examples of the documentation are told, and told to be examples.
"""

import pytest

from analyzer.leaks.model import LeakScan
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.hiding.noise import EXAMPLES, NOISE
from tests.leaks.leak_material import Repository, repository

pytestmark = pytest.mark.xdist_group("hiding")


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with all the noise, in its history, in its messages and in its work tree."""
    repo = repository(tmp_path_factory.mktemp("noise") / "noise")
    for path, make, *_ in (*NOISE.values(), *EXAMPLES.values()):
        repo.write(path, make())
    repo.commit(NOISE["IDs within longer words"][1](), day=1)
    repo.commit(NOISE["templates"][1](), day=2)
    repo.git("notes", "add", "-m", NOISE["SHA-1 that are called secrets"][1]())
    repo.git("repack", "-a", "-d", "-q")
    return repo


@pytest.fixture(scope="module")
def scanned(noisy: Repository) -> LeakScan:
    """What a scan says of it."""
    return scan([noisy.path])


def places(result: LeakScan) -> set[str]:
    """Every path where something was found."""
    return {spot.path for each in result.credentials for spot in each.occurrences}


@pytest.mark.parametrize("name", NOISE)
def test_what_only_looks_like_a_key_is_none(scanned, name):
    """Neither a key nor a doubt is reported where there is no key."""
    assert NOISE[name][0] not in places(scanned)


@pytest.mark.parametrize("name", NOISE)
def test_it_is_none_through_a_pipe_either(name):
    """No name of a file is needed to see that."""
    made = NOISE[name][1]()
    data = made if isinstance(made, bytes) else made.encode()
    assert scan([], ScanOptions(standard_input=data)).credentials == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_told_to_be_one(scanned, name):
    """It stays in sight, in the lower class, with the reason."""
    path = EXAMPLES[name][0]
    found = [
        each for each in scanned.credentials if path in {spot.path for spot in each.occurrences}
    ]
    assert found
    assert all(EXAMPLES[name][2] in (each.set_aside or "") for each in found)


def test_nothing_but_examples_is_found(scanned):
    """In messages, notes, names and the files of git there is nothing either."""
    assert places(scanned) == {path for path, *_ in EXAMPLES.values()}
    assert [each for each in scanned.credentials if not each.set_aside] == []


def test_all_of_it_was_looked_at(scanned, noisy):
    """Nothing was left out to keep the noise down."""
    (covered,) = scanned.repositories
    assert covered.skipped == ()
    assert covered.objects > len(noisy.git("rev-list", "--all", "--objects").splitlines())

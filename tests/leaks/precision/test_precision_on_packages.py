"""In: the packages that hold most examples of AWS keys. Out: the proof that each finding is known.

A finding that nobody has reviewed fails, and so does one that was reviewed and is gone. Who changes
a version in packages.txt reviews what is new.
"""

import re
from pathlib import Path

import pytest

from analyzer.leaks.model import LeakScan
from analyzer.leaks.scan import scan
from tests.leaks.precision.packages_material import LIST, unpack
from tests.leaks.precision.reviews_material import difference, findings, reviews

NAMES = re.findall(r"^([a-z0-9]+)==", LIST.read_text(), re.MULTILINE)


def scanned(path: Path, package: Path) -> set[str]:
    """The findings in a package, or in the folder of its files; all of it was read."""
    result: LeakScan = scan([path])
    assert [each.skipped for each in result.repositories] == [()]
    return findings(result, package.name, package.name.removesuffix(".tar.gz"))


@pytest.mark.nightly
@pytest.mark.parametrize("form", ["wheel", "sdist"])
@pytest.mark.parametrize("name", NAMES)
def test_every_finding_in_a_package_is_reviewed_packed_and_unpacked(packages, name, form):
    """None is new, none is gone, and an archive hides and adds nothing."""
    package = packages[f"{name} {form}"]
    expected = {line for each in reviews(name) for line in each.lines(form)}
    packed = difference(scanned(package, package), expected)
    assert not packed, f"\n{packed}"
    with unpack(package) as folder:
        plain = difference(scanned(folder, package), expected)
    assert not plain, f"\n{plain}"

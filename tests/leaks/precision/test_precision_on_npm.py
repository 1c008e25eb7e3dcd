"""In: packages of npm, 1.5 GB of them unpacked. Out: the proof that each finding is known.

A finding that nobody has reviewed fails, and so does one that was reviewed and is gone. Most of
these packages are full of what looks like keys: bundles, lock files, source maps, API models.
"""

from pathlib import Path

import pytest

from analyzer.leaks.model import LeakScan
from analyzer.leaks.scan import scan
from tests.leaks.precision.npm_material import TOP, listed, reviewed_name
from tests.leaks.precision.packages_material import unpack
from tests.leaks.precision.reviews_material import difference, findings, reviews

SPECS = list(listed())


def scanned(path: Path, package: Path) -> set[str]:
    """The findings in a package, or in the folder of its files; all of it was read."""
    result: LeakScan = scan([path])
    assert [each.skipped for each in result.repositories] == [()]
    return findings(result, package.name, TOP)


@pytest.mark.nightly
@pytest.mark.parametrize("spec", SPECS)
def test_every_finding_in_an_npm_package_is_reviewed_packed_and_unpacked(npm_packages, spec):
    """None is new, none is gone, and an archive hides and adds nothing."""
    package = npm_packages[spec]
    expected = {line for each in reviews(reviewed_name(spec)) for line in each.lines("tarball")}
    packed = difference(scanned(package, package), expected)
    assert not packed, f"\n{packed}"
    with unpack(package) as folder:
        plain = difference(scanned(folder, package), expected)
    assert not plain, f"\n{plain}"

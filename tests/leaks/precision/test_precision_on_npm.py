"""In: packages of npm, 1.5 GB of them unpacked. Out: the proof that each finding is known.

A finding that nobody has reviewed fails, and so does one that was reviewed and is gone. Most of
these packages are full of what looks like keys: bundles, lock files, source maps, API models.
"""

import pytest

from tests.leaks.precision.npm_material import TOP, listed, reviewed_name
from tests.leaks.precision.packages_material import unpack
from tests.leaks.precision.reviews_material import difference, reviews, scanned

SPECS = list(listed())


@pytest.mark.nightly
@pytest.mark.parametrize("spec", SPECS)
def test_every_finding_in_an_npm_package_is_reviewed_packed_and_unpacked(npm_packages, spec):
    """None is new, none is gone, and an archive hides and adds nothing."""
    package = npm_packages[spec]
    expected = {line for each in reviews(reviewed_name(spec)) for line in each.lines("tarball")}
    packed = difference(scanned(package, package.name, TOP), expected)
    assert not packed, f"\n{packed}"
    with unpack(package) as folder:
        plain = difference(scanned(folder, package.name, TOP), expected)
    assert not plain, f"\n{plain}"

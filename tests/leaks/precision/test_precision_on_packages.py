"""In: the packages that hold most examples of AWS keys. Out: the proof that each finding is known.

A finding that nobody has reviewed fails, and so does one that was reviewed and is gone. Who changes
a version in packages.txt reviews what is new.
"""

import re

import pytest

from tests.leaks.precision.packages_material import LIST, unpack
from tests.leaks.precision.reviews_material import difference, reviews, scanned

NAMES = re.findall(r"^([a-z0-9]+)==", LIST.read_text(), re.MULTILINE)


@pytest.mark.nightly
@pytest.mark.parametrize("form", ["wheel", "sdist"])
@pytest.mark.parametrize("name", NAMES)
def test_every_finding_in_a_package_is_reviewed_packed_and_unpacked(packages, name, form):
    """None is new, none is gone, and an archive hides and adds nothing."""
    package = packages[f"{name} {form}"]
    places = package.name, package.name.removesuffix(".tar.gz")
    expected = {line for each in reviews(name) for line in each.lines(form)}
    packed = difference(scanned(package, *places), expected)
    assert not packed, f"\n{packed}"
    with unpack(package) as folder:
        plain = difference(scanned(folder, *places), expected)
    assert not plain, f"\n{plain}"

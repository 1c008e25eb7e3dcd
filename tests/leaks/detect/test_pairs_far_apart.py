"""In: IDs and secrets far from each other. Out: the proof that no strangers are paired."""

import pytest

from tests.leaks.detect.detect_material import pairs, secrets
from tests.leaks.leak_material import digest, key_id, secret


@pytest.mark.parametrize(("gap", "paired"), [(1, True), (3, True), (7, True), (8, False)])
@pytest.mark.parametrize("id_first", [True, False])
def test_a_secret_without_a_name_has_to_be_near(gap, paired, id_first):
    """Seven lines are near enough; what is farther away is a random run like any other."""
    parts = [key_id(), secret()]
    text = ("\n" + "x\n" * (gap - 1)).join(parts if id_first else parts[::-1])
    assert pairs(text) == [(key_id(), digest() if paired else None)]
    assert secrets(text) == ([digest()] if paired else [])


@pytest.mark.parametrize(("gap", "paired"), [(7, True), (8, False)])
def test_an_example_of_a_secret_has_to_be_near_as_well(gap, paired):
    """Files full of examples have both, and no two of them are one key."""
    text = key_id() + "\n" * gap + f"aws_secret_access_key={secret()[:33]}EXAMPLE"
    assert bool(pairs(text)[0][1]) is paired


@pytest.mark.parametrize("gap", [16, 17, 40])
@pytest.mark.parametrize("between", ["", "id", "secret"])
def test_far_away_a_name_is_enough_only_if_nothing_stands_between(gap, between):
    """Sixteen lines are near; beyond them another ID or secret is as likely the other half."""
    other = {
        "": "",
        "id": f"{key_id(n=5)} aws_secret_access_key={secret(5)}",
        "secret": f"aws_secret_access_key={secret(6)} {key_id(n=6)}",
    }[between]
    text = key_id() + "\n" * (gap // 2) + other + "\n" * (gap - gap // 2)
    text += f"aws_secret_access_key={secret()}"
    assert dict(pairs(text))[key_id()] == (digest() if gap <= 16 or not between else None)
    assert digest() in secrets(text)


def test_the_same_id_again_is_no_other_one():
    """A file may name its key many times before it comes to the secret."""
    text = (key_id() + "\n" * 10) * 3 + f"aws_secret_access_key={secret()}"
    assert digest() in {found for _, found in pairs(text)}

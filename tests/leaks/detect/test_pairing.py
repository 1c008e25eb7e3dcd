"""In: texts with several keys. Out: the proof that halves are put together as people meant them."""

import pytest

from analyzer.leaks.model import CredentialKind, CredentialPart
from tests.leaks.detect.detect_material import pairs, read, secrets
from tests.leaks.leak_material import credentials_file, digest, key_id, secret


def test_a_pair_is_put_together():
    """The secret is that of the ID beside it, and both know their lines."""
    found = read("\n" + credentials_file())
    assert [(f.line, f.part) for f in found] == [(3, CredentialPart.ID), (4, CredentialPart.SECRET)]
    assert {(f.key_id, f.digest) for f in found} == {(key_id(), digest())}
    assert {f.kind for f in found} == {CredentialKind.LONG_TERM_KEY}
    assert "1 line below the key ID" in found[0].pairing


@pytest.mark.parametrize(("gap", "paired"), [(0, True), (5, True), (64, True), (65, False)])
@pytest.mark.parametrize("id_first", [True, False])
def test_a_secret_within_reach_belongs_to_the_id(gap, paired, id_first):
    """Sixty-four lines up or down are near enough, one more is not."""
    parts = [f"id = {key_id()}", f"secret_key = {secret()}"]
    text = (";" if gap == 0 else "\n" + "x\n" * (gap - 1)).join(parts if id_first else parts[::-1])
    assert pairs(text) == [(key_id(), digest() if paired else None)]
    assert secrets(text) == [digest()]


def test_the_nearest_secret_wins():
    """A nearer one beats one that comes first."""
    text = f"secret_key={secret(1)}\nx\nx\n{key_id()}\nx\nsecret_key={secret(2)}"
    assert pairs(text) == [(key_id(), digest(2))]


def test_neighbouring_pairs_are_not_mixed_up():
    """Of blocks without a line between them each ID gets its own secret."""
    text = "".join(f"{key_id(n=n)}\nsecret_key={secret(n)}\n" for n in range(9))
    assert pairs(text) == [(key_id(n=n), digest(n)) for n in range(9)]


@pytest.mark.parametrize("between", ["\n", "\n\n", "\n\n\n", "\n---\n", ", "])
def test_pairs_with_the_secret_first_are_not_mixed_up(between):
    """A text that puts every secret before its ID is read that way."""
    text = between.join(f"secret_key={secret(n)};{key_id(n=n)}" for n in range(9))
    assert pairs(text) == [(key_id(n=n), digest(n)) for n in range(9)]
    if between != ", ":  # else an ID would share its line with the secret of another one
        text = text.replace(";", "\n")
    assert pairs(text) == [(key_id(n=n), digest(n)) for n in range(9)]


@pytest.mark.parametrize("between", ["", "\n", " ", '{"name": "x"},'])
def test_objects_on_one_line_keep_their_own(between):
    """What is in one pair of braces belongs together, whichever comes first in it."""
    objects = [
        f'{{"SecretAccessKey":"{secret(n)}","AccessKeyId":"{key_id(n=n)}"}},' for n in range(9)
    ]
    text = between.join(objects) + f'{{"SecretAccessKey":"{secret(9)}"}}'
    assert pairs(text) == [(key_id(n=n), digest(n)) for n in range(9)]


def test_an_id_without_a_secret_takes_none_out_of_the_next_section():
    """A section of an INI file keeps its own."""
    text = f"[a]\naws_access_key_id={key_id(n=1)}\n[b]\nsecret_key={secret(2)}\nx={key_id(n=2)}\n"
    assert pairs(text)[1] == (key_id(n=2), digest(2))


def test_of_two_equally_near_secrets_the_following_one_wins():
    """People write the ID first, however much they write behind it."""
    text = f"secret_key={secret(1)}\n{key_id()} # {'a remark ' * 20}\nsecret_key={secret(2)}"
    assert pairs(text) == [(key_id(), digest(2))]


def test_an_id_whose_nearest_secret_is_taken_gets_the_next():
    """Two IDs above two secrets are two pairs."""
    text = f"{key_id(n=1)}\n{key_id(n=2)}\nsecret_key={secret(1)}\nsecret_key={secret(2)}"
    assert {found for _, found in pairs(text)} == {digest(1), digest(2)}


def test_one_secret_is_not_given_to_two_ids():
    """An ID without a secret of its own stays without."""
    text = f"{key_id(n=1)}\n{key_id(n=2)}\nsecret_key={secret()}"
    assert pairs(text) == [(key_id(n=1), None), (key_id(n=2), digest())]


def test_a_named_secret_is_preferred_to_a_bare_run():
    """A run without a name has to be much nearer."""
    text = f"{key_id()}\netag {secret(1)}\nsecret_key={secret(2)}"
    assert pairs(text) == [(key_id(), digest(2))]
    assert secrets(text) == [digest(2)]


def test_an_id_that_has_its_secret_claims_no_bare_run_elsewhere():
    """A log that repeats the ID makes no secrets out of request numbers."""
    text = credentials_file() + f"{key_id()} {secret(1)}\n" * 3
    assert set(secrets(text)) == {digest()}


def test_halves_in_two_layers_are_put_together():
    """Each field may have been encoded by itself."""
    assert pairs("x\n" + key_id(), "x\nx\n" + secret()) == [(key_id(), digest())]


def test_a_value_seen_in_two_layers_counts_once():
    """What shows again once an encoding is removed is no second sighting."""
    assert len(read(credentials_file(), credentials_file())) == 2


def test_a_live_secret_is_not_hidden_behind_a_made_up_id():
    """It stands for itself, without a doubt; a bare run beside the same ID is doubted."""
    example = "AKIA" + "IOSFODNN7EXAMPLE"
    found = [
        f for f in read(f"{example}\nsecret_key={secret()}") if f.part is CredentialPart.SECRET
    ]
    assert [(f.kind, f.key_id, f.doubt) for f in found] == [(CredentialKind.SECRET, None, None)]
    found = [f for f in read(f"{example}\n{secret()}") if f.part is CredentialPart.SECRET]
    assert [bool(f.doubt) for f in found] == [True]


def test_a_decoys_secret_is_a_decoy():
    """What belongs to a canary sets it off."""
    found = read(credentials_file().replace(key_id(), key_id(account=171436882533)))
    assert ["a decoy" in (f.doubt or "") for f in found] == [True, True]


def test_no_secret_is_in_what_comes_out():
    """No ten characters of the secret are shown."""
    shown = repr(read(credentials_file()))
    assert not [at for at in range(31) if secret()[at : at + 10] in shown]

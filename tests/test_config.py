"""In: profiles and configuration files. Out: the proof that limits are what somebody set."""

from dataclasses import fields

import pytest

from analyzer.config import PROFILES, Limits, Profile, Settings, limits_of
from analyzer.errors import ConfigurationError


def written(folder, text: str):
    """A configuration file of that text."""
    path = folder / "credaudit.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("profile", "length", "memory", "age", "unused_key"),
    [("cis", 14, 24, None, 45), ("pci", 12, 4, 90, 90), ("fsbp", 8, 0, None, 90)],
)
def test_a_profile_is_whole(profile, length, memory, age, unused_key):
    """Each profile brings its own thresholds, and no verdict mixes two."""
    limits = limits_of(Profile(profile), None)
    assert (limits.password_length, limits.password_memory) == (length, memory)
    assert (limits.password_age, limits.unused_key) == (age, unused_key)


def test_every_profile_has_limits():
    """No profile can be named that has none; the default is that of CIS."""
    assert set(PROFILES) == set(Profile)
    assert Settings().limits == PROFILES[Settings().profile] == Limits()


@pytest.mark.parametrize("profile", Profile)
def test_a_file_changes_what_it_names_and_nothing_else(tmp_path, profile):
    """The file goes on top of the profile, limit by limit."""
    text = """
        [limits]
        key_age = 30
        password_age = 0
        own_accounts = ["111122223333"]
        owner_tags = ["boss"]
        password_age_single_factor_only = true
        """
    limits = limits_of(profile, written(tmp_path, text))
    changed = {
        "key_age": 30,
        "password_age": 0,
        "own_accounts": frozenset({"111122223333"}),
        "owner_tags": ("boss",),
        "password_age_single_factor_only": True,
    }
    for each in fields(Limits):
        wanted = changed.get(each.name, getattr(PROFILES[profile], each.name))
        assert getattr(limits, each.name) == wanted
        assert isinstance(getattr(limits, each.name), type(wanted))


@pytest.mark.parametrize("text", ["", "# nothing\n", "[limits]\n"])
def test_a_file_that_says_nothing_changes_nothing(tmp_path, text):
    """An empty file and an empty table leave the profile as it is."""
    assert limits_of(Profile.PCI, written(tmp_path, text)) == PROFILES[Profile.PCI]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[limit]\n", "unknown table 'limit'"),
        ("key_age = 30\n", "unknown table 'key_age'"),
        ("[limits]\nkey_agee = 30\n", "unknown limit 'key_agee'.*Known: key_age,"),
        ('[limits]\nkey_age = "30"\n', "'key_age' must be a number of 0 or more"),
        ("[limits]\nkey_age = 30.5\n", "'key_age' must be a number"),
        ("[limits]\nkey_age = true\n", "'key_age' must be a number"),
        ("[limits]\nkey_age = -1\n", "'key_age' must be a number of 0 or more"),
        ("[limits]\npassword_age = false\n", "'password_age' must be a number"),
        ("[limits]\npassword_age_single_factor_only = 1\n", "'password_age_single_factor_only'"),
        ('[limits]\nowner_tags = "boss"\n', "'owner_tags' must be a list of strings"),
        ("[limits]\nown_accounts = [111122223333]\n", "'own_accounts' must be a list of strings"),
        ("[limits]\nkey_age = 400\n", "key_age .400. is above key_age_stale .365."),
        ("[limits]\nkey_age_stale = 60\n", "key_age .90. is above key_age_stale .60."),
        ("[limits\n", "can't be read"),
        ("[limits]\nkey_age = 1\nkey_age = 2\n", "can't be read"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, fault):
    """What is unknown or of the wrong type stops the run, naming the file and the limit."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError, match=fault) as caught:
        limits_of(Profile.CIS, path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("text", ["limits = 5\n", "limits = []\n", "[[limits]]\nkey_age = 1\n"])
def test_limits_that_are_no_table_are_a_mistake(tmp_path, text):
    """A value in the table's place is a mistake like any other."""
    with pytest.raises(ConfigurationError):
        limits_of(Profile.CIS, written(tmp_path, text))


@pytest.mark.parametrize("bad", ["gone", "folder", "bytes"])
def test_a_file_that_can_not_be_read_is_named(tmp_path, bad):
    """A missing file, a folder and bytes that are no text are mistakes of configuration."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="can't be read"):
        limits_of(Profile.CIS, tmp_path / bad)

"""The catalogue of paths is whole, keeps to its vocabulary, and its sentences fit their paths."""

import re
import string
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files

import pytest

from analyzer.privesc.catalogue import (
    Category,
    Decidability,
    EscalationPath,
    Gain,
    Precondition,
    SeverityCap,
    Target,
    load_paths,
    paths_in,
)

PATHS = load_paths()
TEXT = files("analyzer.privesc").joinpath("paths.toml").read_text(encoding="utf-8")
HEAD = TEXT.partition("\n\n[path.")[0]
OTHERS = {
    Target.GROUP, Target.POLICY_OF_OTHER, Target.ROLE_WITH_POLICY, Target.OTHER_USER,
    Target.SAME_USER, Target.OTHER_ROLE, Target.SAME_ROLE, Target.POLICY_OF_ANYONE,
}  # fmt: skip
CONFIRMED = {
    "iam-create-user-admin", "iam-create-role-admin", "iam-saml-provider-update",
    "iam-recreate-login-profile", "iam-enrol-mfa-with-new-key",
    "iam-enrol-mfa-with-other-password", "iam-enrol-mfa-with-first-password",
    "iam-create-version-of-own-boundary", "iam-set-default-version-of-own-boundary",
}  # fmt: skip
ONE_PATH = """
[path.some-way]
category = "self-escalation"
gain = "admin"
requires = [{ any_of = ["iam:PutUserPolicy"], target = "self-user" }]
preconditions = ["caller-is-user"]
decidability = "full"
action_text = "writes"
gains = "all"
blocked_by = "Nothing."
refs = ["own"]
severity_cap = "medium"
"""
each_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)


def path(name: str) -> EscalationPath:
    """The path of that id."""
    (found,) = (each for each in PATHS if each.id == name)
    return found


def prose(path: EscalationPath) -> tuple[str, str, str]:
    """Everything that a reader of a report sees of the path."""
    return (path.action_text, path.gains, path.blocked_by)


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def words_of(path: EscalationPath) -> Iterator[StrEnum | None]:
    """Every word of a vocabulary that the path uses."""
    yield from (path.category, path.gain, path.decidability, path.severity_cap)
    yield from path.preconditions
    yield from (each.target for each in path.requires)


def test_there_are_235_paths_and_no_two_share_an_id() -> None:
    """A path that is lost or doubled by an edit shows here."""
    assert len({each.id for each in PATHS}) == len(PATHS) == 235


def test_ids_are_plain_words() -> None:
    """They stand in reports and on the command line."""
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.id) for each in PATHS)


@pytest.mark.parametrize(
    "vocabulary", [Category, Gain, Target, Precondition, Decidability, SeverityCap]
)
def test_each_vocabulary_is_the_one_in_use(vocabulary: type[StrEnum]) -> None:
    """A word that no path uses is a word that nothing holds to be right."""
    words = [word for each in PATHS for word in words_of(each)]
    assert {word for word in words if isinstance(word, vocabulary)} == set(vocabulary)


@pytest.mark.parametrize("vocabulary", [Category, Gain, Target, Precondition, Decidability])
def test_the_head_of_the_file_explains_every_word(vocabulary: type[StrEnum]) -> None:
    """Whoever adds a path finds there what may stand where."""
    missing = [word for word in vocabulary if not re.search(rf"(?<![\w-]){word}(?![\w-])", HEAD)]
    assert not missing


def test_paths_are_read_once_and_in_the_order_of_the_file() -> None:
    """The same tuple for every caller."""
    assert load_paths() is PATHS
    assert [each.id for each in PATHS] == re.findall(r"^\[path\.([^]]+)]", TEXT, re.MULTILINE)


@each_path
def test_every_path_takes_permissions_and_names_its_source(path: EscalationPath) -> None:
    """Each requirement lists actions as service:Action."""
    assert path.requires
    assert path.refs
    for requirement in path.requires:
        assert requirement.any_of
        assert len(set(requirement.any_of)) == len(requirement.any_of)
    for action in path.actions:
        assert re.fullmatch(r"[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]*", action)


@each_path
def test_the_prose_reads_as_two_clauses_and_a_sentence(path: EscalationPath) -> None:
    """What it does, what it has then, and a sentence that says what closes the path."""
    assert re.match(r"[a-z]+s ", path.action_text)
    assert path.gains[0].islower()
    assert re.fullmatch(r"Closed .+\.", path.blocked_by)
    assert not path.action_text.endswith(".")
    assert not path.gains.endswith(".")


@each_path
def test_the_prose_holds_no_other_placeholder_than_role_and_target(path: EscalationPath) -> None:
    """And only where a path has them: a service's role, or somebody else to work on."""
    has_other = any(each.target in OTHERS for each in path.requires)
    allowed = ({"role"} if path.role_trusts else set()) | ({"target"} if has_other else set())
    assert set().union(*map(placeholders, prose(path))) <= allowed
    assert placeholders(path.action_text) == allowed


@each_path
def test_the_prose_is_plain_words(path: EscalationPath) -> None:
    """No address, number, machine or action name: managers read it."""
    for text in prose(path):
        assert re.fullmatch(r"[A-Za-z0-9 ,.'{}-]+", text)
        assert not re.search(r"\d{2}|\b(iam|sts|ec2|arn|localhost)\b", text)
        assert not re.search(r"[a-z]:[A-Z]", text)


def test_no_two_paths_do_the_same() -> None:
    """A reader must be able to tell any two apart by what the principal does."""
    does = [each.action_text for each in PATHS]
    assert len(set(does)) == len(does)


def test_the_file_says_until_when_each_list_was_read() -> None:
    """A list that nobody dated can't be read on, and a date without a list says nothing."""
    lists = tomllib.loads(TEXT)["lists"]
    tags = {re.split("[:~]", ref)[0] for each in PATHS for ref in each.refs}
    assert lists.keys() == tags - {"own", "aws"}
    for name, until in lists.items():
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", until["read"]), name
        assert until["state"], name


@each_path
def test_every_source_is_one_that_the_head_of_the_file_explains(path: EscalationPath) -> None:
    """And a page of the documentation stands only beside `own`, which it is there to prove."""
    for ref in path.refs:
        tag = re.split("[:~]", ref)[0]
        assert re.search(rf"^#   {tag}(:[A-Z]+)?  ", HEAD, re.MULTILINE), ref
        assert tag != "aws" or "own" in path.refs
        assert tag != "aws" or re.fullmatch(r"aws:[A-Za-z0-9/_-]+\.html", ref)


@each_path
def test_a_path_without_a_public_source_is_reviewed_and_capped(path: EscalationPath) -> None:
    """The cap is medium at most unless the review left no doubt; all others need neither."""
    if "own" not in path.refs:
        assert path.reviewed is path.severity_cap is None
        return
    assert path.reviewed
    assert path.reviewed.endswith(".")
    is_confirmed = path.reviewed.startswith("Confirmed beyond doubt")
    assert path.severity_cap
    assert (path.severity_cap is SeverityCap.HIGH) == is_confirmed == (path.id in CONFIRMED)


def test_a_passed_role_has_a_service_to_be_passed_to() -> None:
    """iam:PassRole is decided for one service, so such a path names whom the role must trust."""
    for each in PATHS:
        passes = any(one.any_of == ("iam:PassRole",) for one in each.requires)
        assert passes == (each.category is Category.NEW_PASSROLE)
        assert passes == (Precondition.PASSABLE_ROLE in each.preconditions)
        assert (each.category in (Category.NEW_PASSROLE, Category.EXISTING_PASSROLE)) == bool(
            each.role_trusts
        )
        for one in each.requires:
            assert (one.target is Target.ROLE) == (one.any_of == ("iam:PassRole",))


def test_a_role_is_passed_to_the_service_that_it_trusts_with_two_exceptions() -> None:
    """Whoever adds a third looks up what the documentation says of it."""
    odd = {each.id: each.passed_to for each in PATHS if each.passed_to != each.role_trusts}
    assert odd == {"mwaa-new": "airflow.amazonaws.com", "lambda-edge": "lambda.amazonaws.com"}


def test_what_needs_a_resource_that_no_export_lists_is_never_decided() -> None:
    """Such a path is a possibility, never a sure step."""
    for each in PATHS:
        assert each.decidability is not Decidability.FULL or not any(
            need.startswith("existing-") for need in each.preconditions
        )


def test_only_what_aws_ended_is_retired() -> None:
    """One service so far."""
    assert [each.id for each in PATHS if each.is_retired] == ["codestar-create-project"]


def test_interchangeable_actions_stand_in_one_requirement() -> None:
    """A grant by an inline policy is as good as by an attached one, and so with credentials."""
    grants = [one.any_of for one in path("iam-create-user-admin").requires]
    assert grants == [
        ("iam:CreateUser",),
        ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
        ("iam:CreateAccessKey", "iam:CreateLoginProfile"),
    ]
    assert path("iam-create-role-admin").actions == {
        "iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy",
    }  # fmt: skip


def test_file_access_is_not_the_whole_role() -> None:
    """A file server that works as a role hands nobody its credentials."""
    assert path("transfer-server-user").gain is Gain.ROLE_LIMITED


def test_a_path_as_small_as_can_be_is_read() -> None:
    """The text of the tests below is right but for the one thing that each makes wrong."""
    (found,) = paths_in(ONE_PATH)
    assert found.role_trusts is found.reviewed is None
    assert not found.is_retired


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"self-escalation"', '"selfish"'),
        ('gain = "admin"', 'gain = "gold"'),
        ('target = "self-user"', 'target = "the-moon"'),
        ('"caller-is-user"', '"caller-is-late"'),
        ('preconditions = ["caller-is-user"]', 'preconditions = "caller-is-user"'),
        ('decidability = "full"', 'decidability = "half"'),
        ('severity_cap = "medium"', 'severity_cap = "terrible"'),
        ('["iam:PutUserPolicy"]', '["PutUserPolicy"]'),
        ('["iam:PutUserPolicy"]', '"iam:PutUserPolicy"'),
        ("any_of", "anyof"),
        ("gains =", "gians ="),
        ('refs = ["own"]', ""),
        ("severity_cap =", "severitycap ="),
    ],
)
def test_a_word_outside_the_vocabulary_is_an_error_that_names_the_path(
    right: str, wrong: str
) -> None:
    """A slip in the file must not pass as a path that never applies."""
    assert right in ONE_PATH
    with pytest.raises(ValueError, match="path some-way"):
        paths_in(ONE_PATH.replace(right, wrong))

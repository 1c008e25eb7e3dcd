"""In: accounts and repositories. Out: the proof that each account hears where its own IDs stand."""

import pytest

from analyzer import audit
from analyzer.config import Settings
from analyzer.inventory.unique_ids import unique_ids
from tests.builders import account

USER, GROUP, ROLE, PROFILE, POLICY = (
    f"{prefix}RTX3GSDSZYIVAQEYB" for prefix in ("AIDA", "AGPA", "AROA", "AIPA", "ANPA")
)
FULL = (
    account()
    .user("ann")
    .member(UserId=USER)
    .empty_group("dev")
    .member(GroupId=GROUP)
    .role("app")
    .member(
        RoleId=ROLE,
        InstanceProfileList=[{"InstanceProfileId": PROFILE, "InstanceProfileName": "web"}],
    )
    .policy("own")
    .member(PolicyId=POLICY)
)


def test_all_that_aws_gave_a_unique_id_counts():
    """Users, groups, roles, their instance profiles, and policies."""
    assert unique_ids(FULL.account()) == {
        USER: "user ann",
        GROUP: "group dev",
        ROLE: "role app",
        PROFILE: "instance profile web",
        POLICY: "policy own",
    }


def test_a_policy_of_aws_is_nobodys():
    """Its ID is the same in every account, so it proves nothing."""
    case = account().policy("x").member(Arn="arn:aws:iam::aws:policy/x", PolicyId=POLICY)
    assert unique_ids(case.account()) == {}


def test_an_account_without_details_has_none():
    """The credential report has no unique IDs, and an entry may lack its own."""
    assert unique_ids(FULL.without("authorization-details.json").account()) == {}
    assert unique_ids(account().user("ann").account()) == {}


@pytest.fixture
def shares(monkeypatch):
    """The scans that rules are asked about, by account."""
    heard = {}
    run_checks = audit.run_checks

    def listening(case, catalogue):
        heard[case.account.id] = case.leaks
        return run_checks(case, catalogue)

    monkeypatch.setattr(audit, "run_checks", listening)
    return heard


def test_each_account_hears_of_its_own_ids(tmp_path, shares):
    """An audit seeks the IDs of all its accounts, and each account gets those that are its own."""
    other = account("444455556666").user("bob").member(UserId=USER[:-1] + "Q")
    FULL.write(tmp_path / "evidence", "one-")
    other.write(tmp_path / "evidence", "two-")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a").write_text(f"{ROLE}\n{USER[:-1]}Q\n{USER[:-1]}Z\n")
    inputs, repositories = (tmp_path / "evidence",), (tmp_path / "shop",)
    audit.audit(Settings(inputs=inputs, repositories=repositories))
    named = {
        number: [(each.unique_id, each.occurrence.line) for each in leaks.unique_ids]
        for number, leaks in shares.items()
    }
    assert named == {"111122223333": [(ROLE, 1)], "444455556666": [(USER[:-1] + "Q", 2)]}

"""What a searched repository says of itself, and what it may not say."""

import pytest

from analyzer.proposals.remotes import read_remotes
from analyzer.proposals.workloads import Remote


def repository(folder, url, *, head="ref: refs/heads/main", main=""):
    """A folder with a git directory whose origin has that address."""
    git = folder / ".git"
    git.mkdir(parents=True)
    (git / "HEAD").write_text(f"{head}\n")
    (git / "config").write_text(f'[remote "origin"]\n\turl = {url}\n')
    if main:
        (git / "refs" / "remotes" / "origin").mkdir(parents=True)
        (git / "refs" / "remotes" / "origin" / "HEAD").write_text(f"ref: refs/remotes/{main}\n")
    return folder


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop.git",
        "https://ann:token@github.com/acme/shop",
        "ssh://git@GitHub.com:22/acme/shop.git",
        "git@github.com:acme/shop.git",
    ],
)
def test_the_remote_tells_host_and_name_in_each_of_its_forms(tmp_path, url):
    """Without the password that an address may hold."""
    found = read_remotes([repository(tmp_path / "shop", url)])
    assert found == {"shop": Remote("acme/shop", "main", "github.com")}


def test_the_main_branch_is_that_of_the_remote(tmp_path):
    """Whatever happens to be checked out."""
    made = repository(
        tmp_path / "shop",
        "git@github.com:acme/shop.git",
        head="ref: refs/heads/try",
        main="origin/trunk",
    )
    assert read_remotes([made])["shop"].branch == "trunk"


def test_a_detached_head_names_no_branch(tmp_path):
    """Then the branch is for a person to fill in."""
    made = repository(tmp_path / "shop", "git@github.com:acme/shop", head="0" * 40)
    assert read_remotes([made])["shop"] == Remote("acme/shop", "", "github.com")


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:acme/*",
        "git@github.com:*/*",
        "https://github.com/acme/${aws:username}",
        "https://github.com/acme/shop:ref:refs/heads/x",
        "/srv/shop.git",
        "https://github.com/" + "a/" * 300,
    ],
)
def test_a_name_that_no_host_gives_is_left_away(tmp_path, url):
    """A wildcard would let in every repository."""
    assert read_remotes([repository(tmp_path / "shop", url)]) == {}


def test_a_branch_with_a_wildcard_is_left_away(tmp_path):
    """It would let in every branch."""
    made = repository(tmp_path / "shop", "git@github.com:acme/shop", head="ref: refs/heads/*")
    assert read_remotes([made])["shop"].branch == ""


def test_a_folder_without_a_git_directory_says_nothing(tmp_path):
    """Nor does one whose git directory leads elsewhere."""
    outside = repository(tmp_path / "outside", "git@github.com:acme/shop")
    (tmp_path / "plain").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").symlink_to(outside / ".git")
    assert read_remotes([tmp_path / "plain", tmp_path / "linked"]) == {}

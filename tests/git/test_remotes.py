"""What a repository is called where it was cloned from."""

import pytest

from analyzer.git.remotes import Remote, read_remote


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://github.com/acme/shop.git", "github.com", "acme/shop"),
        ("https://user:word@GitHub.com/acme/shop", "github.com", "acme/shop"),
        ("git@github.com:acme/shop.git", "github.com", "acme/shop"),
        ("ssh://git@gitlab.com:22/group/sub/shop.git/", "gitlab.com", "group/sub/shop"),
        ("/srv/git/shop.git", "", ""),
        ("../shop", "", ""),
    ],
)
def test_the_remote_names_host_and_path(repo, url, host, path):
    """In each form of an address; a password in it is no part of the name."""
    repo.git("remote", "add", "origin", url)
    branch = repo.git("symbolic-ref", "--short", "HEAD").strip()
    assert read_remote(repo.path) == Remote(host, path, branch)


def test_origin_counts_among_several_and_else_the_only_one(repo):
    """Of two others nobody can tell which is meant."""
    repo.git("remote", "add", "up", "https://github.com/up/shop")
    assert read_remote(repo.path).path == "up/shop"
    repo.git("remote", "add", "fork", "https://github.com/fork/shop")
    assert read_remote(repo.path).path == ""
    repo.git("remote", "add", "origin", "https://github.com/acme/shop")
    assert read_remote(repo.path).path == "acme/shop"


def test_a_folder_without_a_repository_has_no_remote(tmp_path):
    """Not an error: many scans are of plain folders."""
    assert read_remote(tmp_path) == Remote()

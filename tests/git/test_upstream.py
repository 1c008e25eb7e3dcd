"""What a branch follows, as the configuration says it."""

import subprocess

import pytest

from analyzer.git.upstream import find_upstream
from tests.leaks.leak_material import ENVIRONMENT

FETCH = "fetch = +refs/heads/*:refs/remotes/origin/*\n"
REMOTE = f'[remote "origin"]\n\turl = x\n\t{FETCH}'
MAIN = '[branch "main"]\n'
ORIGIN, MERGE = "remote = origin\n", "merge = refs/heads/a\n"


def write_config(repo, text):
    """The configuration of a repository with branches a and b, here and at the remote."""
    oid = repo.put("a", "words")
    for name in ("heads/a", "heads/b", "remotes/origin/a", "remotes/origin/b"):
        repo.git("update-ref", f"refs/{name}", oid)
    (repo.path / ".git" / "config").write_bytes(b"[core]\n\tbare = false\n" + text.encode())


def upstream_by_git(repo):
    """What git says, "" where it says that there is none."""
    done = subprocess.run(
        ["git", "rev-parse", "--symbolic-full-name", "@{upstream}"],
        cwd=repo.path, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() if done.returncode == 0 else ""


FOLLOWED = {
    "the first merge": f"{MAIN}{ORIGIN}{MERGE}merge = refs/heads/b\n",
    "the first merge of two sections": f"{MAIN}{ORIGIN}{MERGE}{MAIN}merge = refs/heads/b\n",
    "the first merge here": f"{MAIN}remote = .\n{MERGE}merge = refs/heads/b\n",
    "the last remote": f"{MAIN}remote = .\n{MERGE}{ORIGIN}",
    "a comment": f"{MAIN}remote = origin # a\nmerge = refs/heads/a ; b\n",
    "a comment without a blank": f"{MAIN}remote = origin#a\nmerge = refs/heads/a;b\n",
    "a comment behind quotes": f'{MAIN}remote = "origin" # "a\nmerge = "refs/heads/a";b\n',
    "a comment with a section": f"# {MAIN}; [branch\n{MAIN}# remote = x\n{ORIGIN}{MERGE}",
    "a comment behind the section": f'[branch "main"] # a\n{ORIGIN}{MERGE}',
    "on the line of the section": f'[branch "main"] {ORIGIN}{MERGE}',
    "sections on a line": f'[branch "b"][branch "main"]{ORIGIN}{MERGE}',
    "on the next line": f"{MAIN}remote = or\\\nigin\n{MERGE}",
    "quotes within": f'{MAIN}remote = or"ig"in\n{MERGE}',
    "carriage returns": f"{MAIN}{ORIGIN}{MERGE}".replace("\n", "\r\n"),
    "no last newline": f"{MAIN}{ORIGIN}{MERGE}".rstrip(),
    "the old form": f"[branch.main]\n{ORIGIN}{MERGE}",
    "capitals": '[BRANCH "main"]\nRemote = origin\nMERGE = refs/heads/a\n',
    "a setting without a value": f"{MAIN}rebase\n{ORIGIN}{MERGE}",
}
NOT_FOLLOWED = {
    "a sign of a comment in quotes": f'{MAIN}remote = "origin#a"\n{MERGE}',
    "no remote": f"{MAIN}{MERGE}",
    "a remote that is empty": f"{MAIN}{ORIGIN}{MERGE}remote =\n",
    "a short name": f"{MAIN}{ORIGIN}merge = a\n",
    "a section on the line of a value": f'[branch "main"] remote = origin [branch "b"]\n{MERGE}',
    "quotes that do not close": f'{MAIN}{ORIGIN}{MERGE}x = "a\n',
    "an escape that is none": f"{MAIN}{ORIGIN}{MERGE}x = \\a\n",
    "a line that is none": f"{MAIN}{ORIGIN}{MERGE}a line = x\n",
    "other capitals": f'[branch "Main"]\n{ORIGIN}{MERGE}',
}


@pytest.mark.parametrize("text", FOLLOWED.values(), ids=FOLLOWED.keys())
def test_what_a_branch_follows_is_what_git_says(repo, text):
    """However the configuration is written."""
    write_config(repo, REMOTE + text)
    home = repo.path / ".git"
    assert find_upstream(home, home, "") == upstream_by_git(repo) != ""


@pytest.mark.parametrize("text", NOT_FOLLOWED.values(), ids=NOT_FOLLOWED.keys())
def test_where_git_says_that_there_is_none_no_ref_is_named(repo, text):
    """Nor where git refuses the configuration."""
    write_config(repo, REMOTE + text)
    home = repo.path / ".git"
    assert upstream_by_git(repo) == ""
    assert find_upstream(home, home, "") == ""


@pytest.mark.parametrize(
    "specs",
    [
        ["+refs/heads/a:refs/remotes/origin/b", "+refs/heads/*:refs/remotes/origin/*"],
        ["refs/heads/ab:refs/remotes/origin/b", "refs/heads/*:refs/remotes/origin/*"],
        ["^refs/heads/b", "refs/heads/*:refs/remotes/origin/*"],
        ["refs/heads/*a:refs/remotes/origin/*b"],
        ["refs/*s/a:refs/remotes/origin/a"],
    ],
)
def test_a_refspec_leads_to_the_ref_that_git_names(repo, specs):
    """The first that fits, whole or with a star anywhere."""
    fetch = "".join(f"fetch = {spec}\n" for spec in specs)
    write_config(repo, f'[remote "origin"]\nurl = x\n{fetch}{MAIN}{ORIGIN}{MERGE}')
    home = repo.path / ".git"
    assert find_upstream(home, home, "") == upstream_by_git(repo)


def test_a_line_of_blanks_takes_no_time(tmp_path):
    """Whoever wrote the repository wrote its configuration: a million blanks are read once."""
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "config").write_text(f'[branch "main"]\na = {" " * 500_000}"x"y\n')
    assert find_upstream(tmp_path, tmp_path, "") == ""

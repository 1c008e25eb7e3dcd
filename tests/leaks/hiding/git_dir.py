"""In: a repository. Out: the same with pairs in the names of refs and in the files of .git."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from analyzer.leaks.model import PlaceKind
from tests.leaks.hiding.model import Holder, Place, line_of, pair_for
from tests.leaks.hiding.objects import Hidden, blob
from tests.leaks.leak_material import Repository

REF_NAMES = {
    "name of a packed branch": "refs/heads/",
    "name of a branch": "refs/heads/",
    "name of a tag": "refs/tags/",
    "name of a remote-tracking branch": "refs/remotes/origin/",
}
FILES = {
    "hook": (
        ".git/hooks/pre-push",
        "#!/bin/sh\n# AWS_ACCESS_KEY_ID=%ID%\n# AWS_SECRET_ACCESS_KEY=%SECRET%\n",
    ),
    "sample hook": (".git/hooks/pre-commit.sample", "#!/bin/sh\n# %ID% %SECRET%\n"),
    "stray file in .git": (".git/keys.txt", "[s3]\naccess_key=%ID%\nsecret_key=%SECRET%\n"),
    "COMMIT_EDITMSG": (".git/COMMIT_EDITMSG", "keys\n\n%ID% %SECRET%\n"),
    "MERGE_MSG": (".git/MERGE_MSG", "Merge branch 'keys'\n\n# %ID% %SECRET%\n"),
    "FETCH_HEAD": (
        ".git/FETCH_HEAD",
        "%HEAD%\t\tbranch 'main' of https://%ID%:%URLSECRET%@git.example.com/app\n",
    ),
    "info/exclude": (".git/info/exclude", "# %ID% %SECRET%\n*.swp\n"),
    "description": (".git/description", "app, deployed with %ID% and %SECRET%\n"),
    "message of a stopped rebase": (".git/rebase-merge/message", "keys\n\n%ID% %SECRET%\n"),
    "stray file among the objects": (".git/objects/info/old.txt", "%ID%\n%SECRET%\n"),
    "file of a linked worktree": (
        ".git/worktrees/side/COMMIT_EDITMSG",
        "keys\n\n%ID% %SECRET%\n",
    ),
}
IN_GIT = frozenset({PlaceKind.GIT_DIRECTORY})


def git_file(name: str, path: str, *lines: int, having: str = "") -> Place:
    """A pair in a file of .git."""
    return Place(name, pair_for(name, having), Holder.GIT_FILE, path, IN_GIT, lines)


CONFIGURED = (
    git_file("remote URL", ".git/config", having="/"),
    git_file("HTTP header in the configuration", ".git/config"),
    git_file("reflog message", ".git/logs/refs/heads/side"),
    git_file("configuration of a submodule", ".git/modules/lib/config", having="/"),
)
ELSEWHERE = (
    Place("LFS object", pair_for("LFS object"), Holder.GIT_FILE, "*l*fs/*", lines=(2,)),
    Place(
        "name in the index", pair_for("name in the index", lacking="/"), Holder.GIT_FILE, "*",
        frozenset({PlaceKind.GIT_DIRECTORY, PlaceKind.FILE_NAME, PlaceKind.TREE_ENTRY}),
    ),
    Place(
        "history of a submodule", pair_for("history of a submodule"), Holder.GIT_FILE,
        "*lib.ini", frozenset({PlaceKind.HISTORY, PlaceKind.GIT_DIRECTORY}), (2,), in_head=None,
    ),
    Place(
        "pack without an index", pair_for("pack without an index"), Holder.GIT_FILE,
        "*", lines=(2,),
    ),
    Place(
        "staged and not committed", pair_for("staged and not committed"), Holder.GIT_FILE,
        "staged/kept.ini", frozenset({PlaceKind.INDEX}), (2,), in_head=False, reachable=False,
    ),
    Place(
        "staged, then unstaged", pair_for("staged, then unstaged"), Holder.LOST,
        "*", frozenset({PlaceKind.HISTORY}), (2,), in_head=False, reachable=False,
    ),
    Place(
        "HEAD of a linked worktree", pair_for("HEAD of a linked worktree"), Holder.GIT_FILE,
        "detached.ini", frozenset({PlaceKind.HISTORY}), (2,), 14, in_head=None,
    ),
)  # fmt: skip


def gitdir_places() -> Iterator[Place]:
    """Every place in the name of a ref or in a file of .git."""
    for name, prefix in REF_NAMES.items():
        pair = pair_for(name, lacking="/")
        also: tuple[str, ...] = (f".git/logs/{prefix}*", ".git/info/refs")
        path = ".git/packed-refs" if "packed" in name else f".git/{prefix}*"
        yield Place(name, pair, Holder.REF_NAME, path, IN_GIT, also=also)
    for name, (path, template) in FILES.items():
        yield git_file(
            name, path, line_of(template, "%ID%"), having="/" if "URL" in template else ""
        )
    yield from CONFIGURED
    yield from ELSEWHERE


def place_of(name: str) -> Place:
    """One of these places."""
    return next(place for place in gitdir_places() if place.name == name)


def hide_in_ref_name(repo: Repository, name: str) -> None:
    """A ref of that name on the branch main."""
    repo.git("update-ref", REF_NAMES[name] + place_of(name).pair.words, "main")


def hide_in_files(hidden: Hidden) -> None:
    """Files that git, its hooks and its users leave behind."""
    head = hidden.repo.git("rev-parse", "main")
    for name, (path, template) in FILES.items():
        hidden.repo.write(path, place_of(name).pair.fill(template.replace("%HEAD%", head)))


def hide_in_configuration(hidden: Hidden) -> None:
    """What git itself writes: configuration, reflog, and a submodule's repository."""
    repo = hidden.repo
    pair = place_of("remote URL").pair
    repo.git("config", "remote.origin.url", pair.fill("https://%ID%:%URLSECRET%@example.com/app"))
    pair = place_of("HTTP header in the configuration").pair
    word = base64.b64encode(f"{pair.id}:{pair.secret}".encode()).decode()
    repo.git("config", "http.https://example.com/.extraheader", f"AUTHORIZATION: basic {word}")
    text = f"push: with {place_of('reflog message').pair.words}"
    repo.git("update-ref", "-m", text, "refs/heads/side", "side~1")
    repo.git("update-ref", "-m", "push", "refs/heads/side", "side@{1}")
    module = repo.path / ".git" / "modules" / "lib"
    repo.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(module))
    inner = Repository(module)
    pair = place_of("configuration of a submodule").pair
    inner.git("config", "remote.origin.url", pair.fill("https://%ID%:%URLSECRET%@example.com/lib"))
    oid = blob(inner, place_of("history of a submodule").pair.file)
    tree = inner.git("mktree", feed=f"100644 blob {oid}\tlib.ini\n".encode())
    inner.git("update-ref", "HEAD", inner.git("commit-tree", tree, "-m", "a change", day=3))


def hide_in_index(hidden: Hidden) -> None:
    """Content that was staged, and a name that only the index has."""
    repo = hidden.repo
    for name, file in (
        ("staged and not committed", "staged/kept.ini"),
        ("staged, then unstaged", "staged/dropped.ini"),
    ):
        path = repo.write(file, place_of(name).pair.file)
        repo.git("add", file)
        hidden.note(name, at=f":{file}")
        path.unlink()
    repo.git("rm", "--quiet", "--cached", "staged/dropped.ini")
    words = place_of("name in the index").pair.words
    empty = blob(repo, "")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{empty},index/{words}.txt")


def lfs_path(content: str) -> Path:
    """Where Git LFS keeps a large file, below the repository."""
    oid = hashlib.sha256(content.encode()).hexdigest()
    return Path(".git", "lfs", "objects", oid[:2], oid[2:4], oid)


def lfs_pointer(content: str) -> str:
    """What git holds in place of a large file."""
    oid = hashlib.sha256(content.encode()).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def hide_in_stores(hidden: Hidden) -> None:
    """An LFS object, a pack that lost its index, and a worktree's own HEAD."""
    repo = hidden.repo
    content = place_of("LFS object").pair.file
    repo.write(str(lfs_path(content)), content)
    oid = blob(repo, place_of("pack without an index").pair.file)
    packs = repo.path / ".git" / "objects" / "pack"
    name = repo.git("pack-objects", "--quiet", str(packs / "pack"), feed=f"{oid}\n".encode())
    for file in packs.glob(f"pack-{name}.*"):
        if file.suffix != ".pack":
            file.unlink()
    repo.loose(oid).unlink()
    hidden.objects["pack without an index"] = oid
    repo.git("worktree", "add", "--quiet", "--detach", "--no-checkout", "trees/side", "main~9")
    side = Repository(repo.path / "trees" / "side")
    oid = blob(repo, place_of("HEAD of a linked worktree").pair.file)
    tree = repo.git("mktree", feed=f"100644 blob {oid}\tdetached.ini\n".encode())
    commit = repo.git("commit-tree", tree, "-p", "main~9", "-m", "a change", day=14)
    side.git("update-ref", "--no-deref", "HEAD", commit)
    hidden.note("HEAD of a linked worktree", commit, f"{commit}:detached.ini")

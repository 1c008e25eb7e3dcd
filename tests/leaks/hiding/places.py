"""In: an empty folder. Out: one repository with a key pair in every place where one can hide.

The same bytes of every object each time. The places are known before the repository is made
(`PLACES`); which object and which commit holds a pair, only afterwards (`Hidden`).
"""

import shutil
from dataclasses import replace
from pathlib import Path

from analyzer.leaks.model import PlaceKind
from tests.leaks.hiding.archives import CLOSED, archives
from tests.leaks.hiding.documents import documents
from tests.leaks.hiding.encodings import encodings
from tests.leaks.hiding.git_dir import (
    gitdir_places,
    hide_in_configuration,
    hide_in_files,
    hide_in_index,
    hide_in_ref_name,
    hide_in_stores,
    lfs_pointer,
    place_of,
)
from tests.leaks.hiding.model import HEAD_DAY, Hideout, Holder, Place, in_head, pair_for
from tests.leaks.hiding.objects import (
    Hidden,
    hide_in_headers,
    hide_in_refs,
    hide_in_tags,
    lose,
    object_places,
    pair_of,
    said,
)
from tests.leaks.hiding.texts import texts
from tests.leaks.leak_material import repository

HIDEOUTS: tuple[Hideout, ...] = (*texts(), *encodings(), *documents(), *archives())

LINK = in_head("target of a link in HEAD", pair_for("target of a link in HEAD"), "links/keys", 1)
NAME = replace(
    in_head("file name in HEAD", pair_for("file name in HEAD", lacking="/"), "names/*.txt", 1),
    where=frozenset({PlaceKind.TREE_ENTRY}),
    also=(".git/index",),
)


def loose_file(name: str, path: str, where: PlaceKind = PlaceKind.WORK_TREE, *lines: int) -> Place:
    """A pair in the work tree alone."""
    pair = pair_for(name, lacking="/" if where is PlaceKind.FILE_NAME else "")
    return Place(name, pair, Holder.FILE, path, frozenset({where}), lines, in_head=False)


LOOSE_FILES = (
    loose_file("untracked file", "work/untracked.ini", PlaceKind.WORK_TREE, 2),
    loose_file("git-ignored file", "ignored/.env", PlaceKind.WORK_TREE, 2),
    loose_file("changed and not committed", "work/changed.ini", PlaceKind.WORK_TREE, 3),
    loose_file("name of an untracked file", "*", PlaceKind.FILE_NAME),
    loose_file("target of an untracked link", "work/link", PlaceKind.LINK_TARGET),
)

PLACES: dict[str, Place] = {
    place.name: place
    for place in (
        *(hideout.place for hideout in HIDEOUTS),
        LINK,
        NAME,
        *LOOSE_FILES,
        *object_places(),
        *gitdir_places(),
    )
}


def pair_text(name: str) -> str:
    """The file with the pair of a place of the history."""
    return pair_of(name).file


def begin(hidden: Hidden) -> None:
    """Days 1 to 4: what was committed once and is gone again."""
    repo = hidden.repo
    repo.write("README.md", "# app\n")
    repo.write(".gitignore", "ignored/\n")
    repo.write(".gitattributes", "*.nodiff -diff\nrelease/notes.env export-ignore\n")
    link = repo.write("history/link", "")
    link.unlink()
    link.symlink_to("../README.md")
    repo.commit(day=1)
    old = ("deleted file", "earlier version of a file", "-diff attribute")
    for name in old:
        repo.write(PLACES[name].path, pair_text(name))
    file = repo.write(f"history/{pair_of('file name in history').words}.txt", "see the name\n")
    folder = repo.write(f"history/{pair_of('folder name in history').words}/a.txt", "above\n")
    commit = repo.commit(day=2)
    for name in old:
        hidden.note(name, commit, f"{commit}:{PLACES[name].path}")
    hidden.note("file name in history", commit, f"{commit}:history")
    hidden.note("folder name in history", commit, f"{commit}:history")
    repo.write("history/changed.ini", "[default]\n")
    link.unlink()
    link.write_text(pair_text("link that became a file"))
    commit = repo.commit(said("message of an ordinary commit"), day=3)
    hidden.note("message of an ordinary commit", commit)
    hidden.note("link that became a file", commit, f"{commit}:history/link")
    for name in old:
        (repo.path / PLACES[name].path).unlink()
    for path in (file, folder, link):
        path.unlink()
    commit = repo.commit(said("message of a commit that only deletes"), day=4)
    hidden.note("message of a commit that only deletes", commit)


def settle(hidden: Hidden) -> None:
    """Day 5: what HEAD has, packed; and a branch among the packed refs."""
    repo = hidden.repo
    for hideout in HIDEOUTS:
        repo.write(hideout.file, hideout.content())
    for name, (path, make, _) in CLOSED.items():
        repo.write(path, make(pair_for(name)))
    link = repo.write(LINK.path, "")
    link.unlink()
    link.symlink_to(f"/srv/{LINK.pair.words}")
    repo.write(f"names/{NAME.pair.words}.txt", "see the name\n")
    for name in ("tracked", "staged", "earlier"):
        repo.write(f"stash/{name}.ini", "[default]\n")
    repo.write("work/changed.ini", "[default]\n")
    repo.write("lfs/model.bin", lfs_pointer(place_of("LFS object").pair.file))
    commit = repo.commit(day=HEAD_DAY)
    hidden.commits.update({hideout.place.name: commit for hideout in HIDEOUTS})
    hidden.commits.update({LINK.name: commit, NAME.name: commit})
    hide_in_ref_name(repo, "name of a packed branch")
    repo.git("pack-refs", "--all")
    repo.git("repack", "-d", "--quiet")


def branch(hidden: Hidden) -> None:
    """Days 6 to 10: an empty commit, a branch, and a merge that brings in its own content."""
    repo = hidden.repo
    hidden.note("message of an empty commit", repo.commit(said("message of an empty commit"), 6))
    repo.git("checkout", "--quiet", "-b", "side")
    commit = repo.put("side/branch.ini", pair_text("branch that nobody merged"), day=7)
    hidden.note("branch that nobody merged", commit, f"{commit}:side/branch.ini")
    repo.git("checkout", "--quiet", "-b", "topic", "main")
    repo.put("topic.txt", "a topic\n", day=7)
    repo.git("checkout", "--quiet", "main")
    repo.put("main.txt", "the main thing\n", day=8)
    repo.git("merge", "--quiet", "--no-commit", "topic", day=9)
    repo.write("merged.ini", pair_text("content of a merge"))
    commit = repo.commit(said("message of a merge", "Merge branch 'topic'"), day=9)
    hidden.note("message of a merge", commit)
    hidden.note("content of a merge", commit, f"{commit}:merged.ini")
    (repo.path / "merged.ini").unlink()
    repo.commit(day=10)


def lay_aside(hidden: Hidden) -> None:
    """Days 11 and 12: a commit that was amended away, and two stashes."""
    repo = hidden.repo
    commit = repo.put("lost/amended.ini", pair_text("amended-away commit"), day=11)
    hidden.note("amended-away commit", commit, f"{commit}:lost/amended.ini")
    repo.git("rm", "--quiet", "lost/amended.ini")
    repo.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "a change", day=11)
    repo.write("stash/earlier.ini", pair_text("stash@{1}"))
    repo.git("stash", "push", "--quiet", day=12)
    repo.write("stash/staged.ini", pair_text("stash@{0}, staged content"))
    repo.git("add", "stash/staged.ini")
    repo.write("stash/staged.ini", "[default]\n# nothing\n")
    repo.write("stash/tracked.ini", pair_text("stash@{0}, tracked file"))
    repo.write("stash/untracked.ini", pair_text("stash@{0}, untracked file"))
    repo.git("stash", "push", "--quiet", "--include-untracked", day=12)
    for name, revision in (
        ("stash@{1}", "stash@{1}"),
        ("stash@{0}, tracked file", "stash@{0}"),
        ("stash@{0}, staged content", "stash@{0}^2"),
        ("stash@{0}, untracked file", "stash@{0}^3"),
    ):
        commit = repo.git("rev-parse", revision)
        hidden.note(name, commit, f"{commit}:{PLACES[name].path}")


def scatter(hidden: Hidden) -> None:
    """The files that git does not hold."""
    repo = hidden.repo
    file = {place.name: place.pair.file for place in LOOSE_FILES}
    repo.write("work/untracked.ini", file["untracked file"])
    repo.write("ignored/.env", file["git-ignored file"])
    repo.write("work/changed.ini", "# today\n" + file["changed and not committed"])
    repo.write(f"work/{PLACES['name of an untracked file'].pair.words}.txt", "see the name\n")
    words = PLACES["target of an untracked link"].pair.words
    (repo.path / "work" / "link").symlink_to(f"/srv/{words}")


def hide_everything(folder: Path) -> Hidden:
    """A repository with a pair in each of `PLACES`, and nothing else that looks like one."""
    hidden = Hidden(repository(folder))
    begin(hidden)
    settle(hidden)
    branch(hidden)
    lay_aside(hidden)
    hide_in_headers(hidden)
    hide_in_tags(hidden)
    hide_in_refs(hidden)
    lose(hidden)
    for name in ("name of a branch", "name of a tag", "name of a remote-tracking branch"):
        hide_in_ref_name(hidden.repo, name)
    hide_in_stores(hidden)
    hide_in_configuration(hidden)
    hide_in_index(hidden)
    scatter(hidden)
    hide_in_files(hidden)
    return hidden


def copy_without_git(hidden: Hidden, target: Path) -> Path:
    """The work tree, as somebody copies a project without its history."""
    shutil.copytree(hidden.repo.path, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    return target

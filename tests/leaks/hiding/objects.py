"""In: a repository. Out: the same with a pair in every kind of git object, reachable or lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from analyzer.leaks.model import PlaceKind
from tests.leaks.hiding.model import ADA, Holder, Pair, Place, pair_for
from tests.leaks.leak_material import Repository

CARL = "Carl Committer <carl@example.com>"


@dataclass(frozen=True, slots=True)
class Hidden:
    """The repository, and for each name the object that holds its pair and the commit behind it."""

    repo: Repository
    objects: dict[str, str] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, commit: str | None = None, at: str | None = None) -> None:
        """Remembers a place's commit, and its object: the one at a path, or the commit itself."""
        if commit:
            self.commits[name] = commit
        self.objects[name] = self.repo.git("rev-parse", at or f"{commit}")


def content(name: str, path: str, day: int | None, holder: Holder = Holder.REF) -> Place:
    """A pair in a blob of a commit that HEAD does not have any more."""
    return Place(
        name, pair_for(name), holder, path, frozenset({PlaceKind.HISTORY}), (2,), day,
        ADA if day else None, in_head=False, reachable=holder is Holder.REF,
    )  # fmt: skip


def message(name: str, day: int, holder: Holder = Holder.REF, author: str | None = ADA) -> Place:
    """A pair in the text of a commit."""
    where = frozenset({PlaceKind.COMMIT_MESSAGE})
    return Place(
        name, pair_for(name), holder, "", where, (3,), day, author,
        reachable=holder is Holder.REF,
    )  # fmt: skip


def header(name: str, author: str | None = ADA) -> Place:
    """A pair in a commit's header; its line is nobody's business."""
    where = frozenset({PlaceKind.COMMIT_HEADER})
    return Place(name, pair_for(name), Holder.REF, "", where, (), 15, author, reachable=True)


def tag_text(name: str, path: str, author: str | None = CARL, *lines: int) -> Place:
    """A pair in a tag object; in its header where its tagger is the pair."""
    where = frozenset({PlaceKind.TAG_MESSAGE if author else PlaceKind.TAG_HEADER})
    return Place(
        name, pair_for(name), Holder.REF, path, where, lines, 16, author, reachable=True
    )  # fmt: skip


def tree_name(name: str, day: int | None, holder: Holder = Holder.REF) -> Place:
    """A pair in the name of an entry of a tree; a report masks it, so the path is open."""
    where = frozenset({PlaceKind.TREE_ENTRY})
    pair = pair_for(name, lacking="/")
    return Place(
        name, pair, holder, "*", where, (), day, in_head=False, reachable=holder is Holder.REF
    )  # fmt: skip


HISTORY = (
    content("deleted file", "history/deleted.ini", 2),
    content("earlier version of a file", "history/changed.ini", 2),
    content("-diff attribute", "history/hidden.nodiff", 2),
    tree_name("file name in history", 2),
    tree_name("folder name in history", 2),
    content("link that became a file", "history/link", 3),
    message("message of an ordinary commit", 3),
    message("message of a commit that only deletes", 4),
    message("message of an empty commit", 6),
    content("branch that nobody merged", "side/branch.ini", 7),
    message("message of a merge", 9),
    content("content of a merge", "merged.ini", 9),
    content("remote-tracking branch", "remote.ini", 13),
    content("ref of a pull request", "pull.ini", 13),
    content("ref of no known kind", "wip.ini", 13),
    content("stash@{0}, tracked file", "stash/tracked.ini", 12),
    content("stash@{0}, staged content", "stash/staged.ini", 12),
    content("stash@{0}, untracked file", "stash/untracked.ini", 12),
)
HEADERS = {
    "author name": header("author name", None),
    "author e-mail": header("author e-mail", None),
    "committer name": header("committer name"),
    "committer e-mail": header("committer e-mail"),
    "extra header of a commit": header("extra header of a commit"),
    "commit message in Latin-1": message("commit message in Latin-1", 15),
    "commit message behind a NUL byte": message("commit message behind a NUL byte", 15),
}
TAGS = (
    tag_text("annotated tag message", "v1.0", CARL, 3),
    tag_text("tag of a tag", "v1.0-signed", CARL, 1),
    tag_text("tagger name", "v1.1", None),
    Place(
        "tag on a blob", pair_for("tag on a blob"), Holder.REF, "*",
        frozenset({PlaceKind.HISTORY}), (2,), in_head=False, reachable=True,
    ),
    Place(
        "tag on a tree", pair_for("tag on a tree"), Holder.REF, "*tagged.ini",
        frozenset({PlaceKind.HISTORY}), (2,), in_head=False, reachable=True,
    ),
    Place(
        "git note", pair_for("git note"), Holder.REF, "*",
        frozenset({PlaceKind.HISTORY}), (2,), 13, ADA, in_head=False, reachable=True,
    ),
)  # fmt: skip
LOST = (
    content("amended-away commit", "lost/amended.ini", 11, Holder.LOST),
    content("stash@{1}", "stash/earlier.ini", 12, Holder.LOST),
    content("reflog-only commit", "reset.ini", 14, Holder.LOST),
    content("dangling commit", "dangling.ini", 14, Holder.LOST),
    message("message of a dangling commit", 14, Holder.LOST),
    content("dangling blob", "*", None, Holder.LOST),
    Place(
        "dangling tag", pair_for("dangling tag"), Holder.LOST, "*",
        frozenset({PlaceKind.TAG_MESSAGE}), reachable=False,
    ),
    tree_name("name in a dangling tree", None, Holder.LOST),
)  # fmt: skip


def object_places() -> Iterator[Place]:
    """Every place in an object of the repository itself."""
    yield from HISTORY
    yield from HEADERS.values()
    yield from TAGS
    yield from LOST


def pair_of(name: str) -> Pair:
    """The pair of one of these places."""
    return next(place.pair for place in object_places() if place.name == name)


def said(name: str, subject: str = "a change") -> str:
    """A commit message with the pair in line 3."""
    return f"{subject}\n\n{pair_of(name).words}"


def blob(repo: Repository, text: str) -> str:
    """The id of a blob that no tree holds."""
    return repo.git("hash-object", "-w", "--stdin", feed=text.encode())


def tree(repo: Repository, file: str, text: str) -> str:
    """The id of a tree with one file."""
    return repo.git("mktree", feed=f"100644 blob {blob(repo, text)}\t{file}\n".encode())


def commit_of(repo: Repository, name: str, file: str, day: int) -> str:
    """The id of a commit that adds the pair's file to nothing, on top of the first commit."""
    made = tree(repo, file, pair_of(name).file)
    return repo.git("commit-tree", made, "-p", "main~9", "-m", "a change", day=day)


def hide_in_headers(hidden: Hidden) -> None:
    """Commits that git's own commands would not write like this."""
    repo = hidden.repo
    stamp = int(datetime(2024, 3, 15, 12, tzinfo=UTC).timestamp())
    base, parent = repo.git("rev-parse", "main^{tree}", "main").split()
    for number, name in enumerate(HEADERS):
        words, author, committer, extra, text = pair_of(name).words, ADA, CARL, "", b"a change"
        match name:
            case "author name":
                author = f"Ada {words} <ada@example.com>"
            case "author e-mail":
                author = f"Ada Author <{words}@example.com>"
            case "committer name":
                committer = f"Carl {words} <carl@example.com>"
            case "committer e-mail":
                committer = f"Carl Committer <{words}@example.com>"
            case "extra header of a commit":
                extra = f"deployed-with {words}\n"
            case "commit message in Latin-1":
                extra = "encoding ISO-8859-1\n"
                text = f"Schlüssel für Zoé\n\n{words}".encode("latin-1")
            case _:
                text = f"a change\n\0\n{words}".encode()
        head = (
            f"tree {base}\nparent {parent}\nauthor {author} {stamp - 7200} +0000\n"
            f"committer {committer} {stamp} +0000\n{extra}\n"
        )
        commit = repo.git(
            "hash-object", "-t", "commit", "-w", "--literally", "--stdin",
            feed=head.encode() + text + b"\n",
        )  # fmt: skip
        repo.git("update-ref", f"refs/odd/{number}", commit)
        hidden.note(name, commit)


def hide_in_tags(hidden: Hidden) -> None:
    """Tags of every kind, and a note."""
    repo, day = hidden.repo, 16
    head = repo.git("rev-parse", "main")
    repo.git("tag", "-a", "v1.0", "-m", said("annotated tag message"), head, day=day)
    repo.git("tag", "-a", "v1.0-signed", "-m", pair_of("tag of a tag").words, "v1.0", day=day)
    tagger = f"Carl {pair_of('tagger name').words} <carl@example.com>"
    repo.git("-c", "advice.nestedTag=false", "tag", "v1.1", raw_tag(repo, "v1.1", tagger, "a tag"))
    for name, ref in (
        ("annotated tag message", "v1.0"),
        ("tag of a tag", "v1.0-signed"),
        ("tagger name", "v1.1"),
    ):
        hidden.note(name, at=f"refs/tags/{ref}")
        hidden.commits[name] = head
    repo.git("tag", "a-blob", blob(repo, pair_of("tag on a blob").file))
    hidden.note("tag on a blob", at="a-blob")
    repo.git("tag", "a-tree", tree(repo, "tagged.ini", pair_of("tag on a tree").file))
    hidden.note("tag on a tree", at="a-tree:tagged.ini")
    repo.git("notes", "add", "-m", pair_of("git note").file, head, day=13)
    hidden.note("git note", repo.git("rev-parse", "refs/notes/commits"), f"notes/commits:{head}")


def raw_tag(repo: Repository, name: str, tagger: str, text: str) -> str:
    """The id of a tag object that no ref names yet."""
    stamp = int(datetime(2024, 3, 16, 12, tzinfo=UTC).timestamp())
    head = repo.git("rev-parse", "main")
    body = f"object {head}\ntype commit\ntag {name}\ntagger {tagger} {stamp} +0000\n\n{text}\n"
    return repo.git("hash-object", "-t", "tag", "-w", "--stdin", feed=body.encode())


def hide_in_refs(hidden: Hidden) -> None:
    """Commits that only a ref outside of the branches leads to."""
    for name, ref in (
        ("remote-tracking branch", "refs/remotes/origin/feature"),
        ("ref of a pull request", "refs/pull/7/head"),
        ("ref of no known kind", "refs/wip/ann"),
    ):
        file = next(place.path for place in HISTORY if place.name == name)
        commit = commit_of(hidden.repo, name, file, 13)
        hidden.repo.git("update-ref", ref, commit)
        hidden.note(name, commit, f"{commit}:{file}")


def lose(hidden: Hidden) -> None:
    """Objects that no ref leads to."""
    repo = hidden.repo
    commit = commit_of(repo, "reflog-only commit", "reset.ini", 14)
    repo.git("update-ref", "--create-reflog", "refs/heads/reset", commit, day=14)
    repo.git("update-ref", "-m", "reset: moving to main", "refs/heads/reset", "main", day=14)
    hidden.note("reflog-only commit", commit, f"{commit}:reset.ini")
    commit = commit_of(repo, "dangling commit", "dangling.ini", 14)
    hidden.note("dangling commit", commit, f"{commit}:dangling.ini")
    text = said("message of a dangling commit")
    commit = repo.git("commit-tree", "main^{tree}", "-p", "main", "-m", text, day=14)
    hidden.note("message of a dangling commit", commit)
    hidden.note("dangling blob", at=blob(repo, pair_of("dangling blob").file))
    text = pair_of("dangling tag").words
    hidden.note("dangling tag", at=raw_tag(repo, "lost", CARL, text))
    named = f"{pair_of('name in a dangling tree').words}.txt"
    hidden.note("name in a dangling tree", at=tree(repo, named, "see the name\n"))

"""In: the names of files, and a .gitleaksignore. Out: doubts about places.

Whoever left a key in a repository can write these files too, so nothing here removes anything: it
gives a doubt about a place, and the report lists it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.files import file_type
from analyzer.leaks.model import CredentialKind, Occurrence

LISTED = "listed in .gitleaksignore"
"""The doubt about a place that a .gitleaksignore names."""
_IN_LOCK_FILE = "in a lock file, which is full of checksums"

_LOCK_FILES = frozenset(
    {
        ".terraform.lock.hcl", "Cargo.lock", "Gemfile.lock", "Package.resolved", "Pipfile.lock",
        "Podfile.lock", "bun.lock", "bun.lockb", "composer.lock", "conda-lock.yml", "deno.lock",
        "flake.lock", "go.sum", "gradle.lockfile", "mix.lock", "npm-shrinkwrap.json",
        "package-lock.json", "packages.lock.json", "pdm.lock", "pixi.lock", "pnpm-lock.yaml",
        "poetry.lock", "pubspec.lock", "pylock.toml", "uv.lock", "yarn.lock",
    }
)  # fmt: skip
_FINGERPRINT = re.compile(
    r"(?:(?P<commit>[0-9a-f]{40}|[0-9a-f]{64}):)?(?P<path>.+):(?P<rule>[\w.-]+):(?P<line>\d{1,9})"
)


_HERE = re.compile(r"\A(?:\./+)+")
_ABSOLUTE = re.compile(r"(?:[A-Za-z]:)?/")
_MOST_STEPS = 30
_MOST_LOOKED_UP = 10_000
"""Entries of one file whose paths are looked up; further ones count as they are written."""


def path_doubt(path: str) -> str | None:
    """The doubt about any secret in a file of that name; None for most."""
    return _IN_LOCK_FILE if path.rpartition("/")[2] in _LOCK_FILES else None


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """A fingerprint of a .gitleaksignore, [commit:]path:rule:line; `commit` None: in any commit.

    `paths` are the one that is written there, and what it means from the top of the repository.
    """

    commit: str | None
    paths: tuple[str, ...]
    rule: str
    line: int

    def covers(self, kind: CredentialKind, place: Occurrence) -> bool:
        """Whether it names this kind of credential at this place."""
        return (
            place.line == self.line
            and place.path.replace("!/", "!") in self.paths
            and self.commit in {None, place.commit}
            and _names_kind(self.rule, kind)
        )


def read_ignore_file(data: bytes, root: Path) -> Iterator[IgnoreEntry]:
    """The fingerprints of a .gitleaksignore at `root`; any other line is ignored."""
    for number, line in enumerate(data.decode("utf-8", "backslashreplace").splitlines()):
        match = _FINGERPRINT.fullmatch(line.strip())
        if match and not line.startswith("#"):
            path = match["path"].replace("!/", "!")
            paths = tuple(_meanings(path, root)) if number < _MOST_LOOKED_UP else (path,)
            yield IgnoreEntry(match["commit"], paths, match["rule"], int(match["line"]))


def _meanings(path: str, root: Path) -> Iterator[str]:
    """A path as it is written, and from the top of the repository where it is written otherwise.

    Other tools write it as they were called: "./a", on Windows with backslashes, or absolute. Of an
    absolute one what follows the name of the repository's folder counts, whether or not that file
    is still there; where that name is not in it, the longest end that the repository has.
    """
    yield path
    plain = _HERE.sub("", path.replace("\\", "/"))
    if not _ABSOLUTE.match(plain):
        yield plain
        return
    steps = [step for step in plain.split("/")[1:] if step][-_MOST_STEPS:]
    if ".." in steps:
        return
    home = root.parent if root.is_file() else root
    named = [at for at, step in enumerate(steps, 1) if step == home.resolve().name]
    for first in named or range(len(steps)):
        end = "/".join(steps[first:])
        if file_type(home / end.partition("!")[0]) is not None:
            yield end
            return
    if named:
        yield "/".join(steps[named[0] :])


def _names_kind(rule: str, kind: CredentialKind) -> bool:
    """Whether a rule of gitleaks or betterleaks finds this kind; a generic one finds any."""
    if rule == kind.value or "generic" in rule:
        return True
    return any(word in rule for word in kind.facts.rule_words)

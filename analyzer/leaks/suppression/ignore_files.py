"""In: the names of files, and a .gitleaksignore. Out: doubts about places.

Whoever left a key in a repository can write these files too, so nothing here removes anything: it
gives a doubt about a place, and the report lists it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

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


def path_doubt(path: str) -> str | None:
    """The doubt about any secret in a file of that name; None for most."""
    return _IN_LOCK_FILE if path.rpartition("/")[2] in _LOCK_FILES else None


@dataclass(frozen=True, slots=True)
class IgnoreEntry:
    """A fingerprint of a .gitleaksignore, [commit:]path:rule:line; `commit` None: in any commit."""

    commit: str | None
    path: str
    rule: str
    line: int

    def covers(self, kind: CredentialKind, place: Occurrence) -> bool:
        """Whether it names this kind of credential at this place."""
        return (
            place.line == self.line
            and place.path.replace("!/", "!") == self.path
            and self.commit in {None, place.commit}
            and _names_kind(self.rule, kind)
        )


def read_ignore_file(data: bytes) -> Iterator[IgnoreEntry]:
    """The fingerprints of a .gitleaksignore; any other line is ignored."""
    for line in data.decode("utf-8", "backslashreplace").splitlines():
        match = _FINGERPRINT.fullmatch(line.strip())
        if match and not line.startswith("#"):
            path = match["path"].replace("!/", "!")
            yield IgnoreEntry(match["commit"], path, match["rule"], int(match["line"]))


def _names_kind(rule: str, kind: CredentialKind) -> bool:
    """Whether a rule of gitleaks or betterleaks finds this kind; a generic one finds any."""
    if rule == kind.value or "generic" in rule:
        return True
    return any(word in rule for word in kind.facts.rule_words)

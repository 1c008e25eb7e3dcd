"""In: a folder. Out: repositories made up there, the same bytes each time.

Key IDs are built as they are written, and belong to no account.
"""

import base64
import hashlib
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class History:
    """What a made-up repository is like.

    Each of `commits` changes up to thirty lines in each of `changed` of its `files`; `smallest` and
    `largest` bound the bytes of a file, in equal shares of the logarithm. Where `is_rewritten`,
    it writes them anew, so that no delta helps. `keys` key pairs come in, evenly
    spread, each in all files of one commit, and go out with the next change of them.
    """

    commits: int
    files: int
    smallest: int
    largest: int
    changed: int = 3
    keys: int = 0
    is_rewritten: bool = False


LARGE = History(10_000, 400, 4_000, 120_000)
"""A source tree with a long life: 30,000 blobs, 1 GB; of the shape of those that were measured."""
HEAVY = History(500, 500, 2_000_000, 2_200_000, changed=1, is_rewritten=True)
"""1 GB of blobs that have nothing in common."""


def make(folder: Path, history: History) -> Path:
    """The folder, now a bare repository, packed as `git gc` does."""
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", folder], check=True)
    command = ["git", "-C", folder, "fast-import", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as git:
        assert git.stdin is not None
        for piece in _stream(history):
            git.stdin.write(piece)
    # Where nothing has anything in common, the search for deltas would take half an hour.
    window = 0 if history.is_rewritten else 10
    repack = ["repack", "-adfq", "--depth=50", f"--window={window}"]
    subprocess.run(["git", "-C", folder, *repack], check=True)
    return folder


def pair(number: int) -> bytes:
    """A key ID and its secret, made up, as the AWS CLI keeps them."""
    digest = hashlib.sha256(b"%d" % number).digest()
    key = b"AKIA" + base64.b32encode(digest)[:16]
    secret = base64.b64encode(digest + digest)[:40]
    return b"aws_access_key_id = %s\naws_secret_access_key = %s\n" % (key, secret)


def _words(chance: random.Random) -> list[str]:
    return [f"{chance.getrandbits(40):x}" for _ in range(4000)]


def _line(chance: random.Random, words: list[str]) -> bytes:
    indent = " " * chance.randrange(0, 12, 4)
    return f"{indent}{' '.join(chance.choices(words, k=chance.randrange(1, 9)))}\n".encode()


def _text(chance: random.Random, words: list[str], size: int) -> list[bytes]:
    some = chance.choices(words, k=size // 10 + 9)
    lines = (some[begin : begin + 9] for begin in range(0, len(some), 9))
    return [f"    {' '.join(line)}\n".encode() for line in lines]


def _stream(history: History) -> Iterator[bytes]:
    """The history for `git fast-import`."""
    chance = random.Random(4)  # noqa: S311 - no secret
    words = _words(chance)
    wide = history.largest / history.smallest
    sizes = [int(history.smallest * wide ** chance.random()) for _ in range(history.files)]
    files: list[list[bytes]] = [[] for _ in sizes]
    for commit in range(history.commits):
        yield (
            b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata 8\nchange.\n\n"
            % (1_600_000_000 + commit)
        )
        for which in _touched(chance, history, commit):
            lines = files[which] or _text(chance, words, sizes[which])
            files[which] = [] if history.is_rewritten else lines
            for _ in range(chance.randrange(1, 31)):
                lines[chance.randrange(len(lines))] = _line(chance, words)
            body = b"".join(lines)
            if history.keys and commit % (history.commits // history.keys) == 0:
                body += pair(commit)
            name = b"dir%d/file%d" % (which % 11, which)
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(body), body)


def _touched(chance: random.Random, history: History, commit: int) -> list[int]:
    """The files that a commit changes; the first commits bring one after the other in."""
    first = commit * history.changed
    if first < history.files:
        return list(range(first, min(first + history.changed, history.files)))
    return sorted(chance.sample(range(history.files), history.changed))

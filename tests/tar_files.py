"""In: a tar archive of the tests' own making or known by its digest. Out: its files in a folder."""

import tarfile
from pathlib import Path


def extract(archive: Path, folder: Path) -> None:
    """Write each regular file of the archive below `folder`; ValueError for a path that leaves it.

    `TarFile.extractall(filter="data")` came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    folder.mkdir(exist_ok=True)
    inside = folder.resolve()
    with tarfile.open(archive) as opened:
        for member in opened:
            target = (inside / member.name).resolve()
            if not target.is_relative_to(inside):
                raise ValueError(f"{member.name} leaves the folder")
            content = opened.extractfile(member) if member.isfile() else None
            if content is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())

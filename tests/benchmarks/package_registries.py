"""In: a package, versions of it, a folder. Out: their archives there, from PyPI or npm.

The archives are sources as published (`.tar.gz`, `.tgz`); nothing in them is run. What the folder
already has is not asked for again.
"""

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

NPM_BATCH = 10
"""How many archives one start of npm brings."""


def fetch_from_pypi(package: str, versions: Sequence[str], folder: Path) -> Iterator[Path]:
    """The source distribution of each version, in the order given.

    `pip download` would build each for its metadata, which runs its code: so pip only looks up
    and brings the files, with the index, proxies and certificates that it is set up with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    archives = {version: folder / f"{version}.tar.gz" for version in versions}
    missing = {version for version, archive in archives.items() if not archive.exists()}
    if missing:
        _bring_with_pip(package, {version: archives[version] for version in missing})
    return iter(archives.values())


def _bring_with_pip(package: str, archives: dict[str, Path]) -> None:
    from pip._internal.commands import create_command  # noqa: PLC0415 - seldom needed

    command: Any = create_command("download")
    options, _ = command.parse_args(["--quiet", "--no-cache-dir", "--no-binary", ":all:", package])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options=options, session=session)  # noqa: SLF001
        links = {
            str(found.version): found.link
            for found in finder.find_all_candidates(package)
            if found.link.filename.endswith(".tar.gz")
        }
        for version, archive in archives.items():
            link = links[version]
            answer = session.get(link.url_without_fragment, headers={"Accept-Encoding": "identity"})
            answer.raise_for_status()
            if not link.as_hashes().has_one_of(
                {"sha256": hashlib.sha256(answer.content).hexdigest()}
            ):
                raise SystemExit(f"{link.filename} is not what the index says")
            _write(archive, answer.content)


def fetch_from_npm(package: str, versions: Sequence[str], folder: Path) -> Iterator[Path]:
    """The tarball of each version, in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = package.removeprefix("@").replace("/", "-")
    archives = {version: folder / f"{stem}-{version}.tgz" for version in versions}
    missing = [version for version, archive in archives.items() if not archive.exists()]
    for begin in range(0, len(missing), NPM_BATCH):
        specs = [f"{package}@{version}" for version in missing[begin : begin + NPM_BATCH]]
        subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder, *specs],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
    return iter(archives.values())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.rename(path)

"""In: paths of repositories, folders and files. Out: one LeakScan over all of them.

Nothing is written below the paths, nothing there is run, and no network is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.errors import EvidenceError
from analyzer.files import Skipped
from analyzer.leaks.attribution.merge import credentials_in, identifiers_in, without_echoes
from analyzer.leaks.model import Credential, LeakScan, Occurrence, Where, spots_at
from analyzer.leaks.options import STANDARD_INPUT, Detectors, ScanOptions, names_of
from analyzer.leaks.scheduler import Rounds, Taken
from analyzer.leaks.sources.content import Lens, seen
from analyzer.leaks.sources.work import Read, Source

_PLAIN_ONLY = Skipped(
    "messages, names, archives, and texts in a coat",
    "the plugins of detect-secrets look at plain files and blobs; our detectors look at all",
    is_gap=False,
)


def scan(paths: Iterable[Path], options: ScanOptions | None = None) -> LeakScan:
    """Every credential in files and in git's objects, one entry each, whoever still refers to them.

    The order of the paths makes no difference. Raises EvidenceError, before anything is read, for
    a path that is neither a file nor a folder; what can't be read later is in the coverage.
    """
    options = options or ScanOptions()
    names = names_of(paths)
    for root in names:
        _must_exist(root)
    with ExitStack() as lasting:
        unpacked = {root: lasting.enter_context(_unfolded(root, options)) for root in names}
        sources = [Source(name, unpacked[root][0]) for root, name in names.items()]
        room = Path(lasting.enter_context(TemporaryDirectory(prefix="credaudit-")))
        lens = lasting.enter_context(_lens(options))
        rounds = Rounds(sources, options, room, lens)
        taken = rounds.staged() if options.staged else rounds.read_all()
        if options.standard_input is not None:
            taken.append(_piped(options.standard_input, lens))
    for each, (_, skipped) in zip(taken, unpacked.values(), strict=False):
        each.read.skipped += skipped
    for each in taken if lens.others else ():
        each.read.skipped.append(_PLAIN_ONLY)
    spots = without_echoes([spot for each in taken for spot in each.read.spots])
    found = LeakScan(
        credentials_in(spots),
        tuple(each.coverage() for each in taken),
        identifiers=identifiers_in(spots),
    )
    if not found.credentials and options.baseline is None:
        return found
    from analyzer.leaks.suppression.apply import permitted
    from analyzer.leaks.suppression.redact import without_secrets

    found = replace(found, credentials=tuple(_laid_out(found.credentials, options.decoys)))
    roots = {name: root for root, name in names.items()}
    return without_secrets(permitted(found, roots, options.baseline))


def _unfolded(
    root: Path, options: ScanOptions
) -> AbstractContextManager[tuple[Path, tuple[Skipped, ...]]]:
    """Where to read, and what of a bundle or an archive could not be unpacked."""
    if options.staged or not root.is_file():  # Nobody commits in an archive.
        return nullcontext((root, ()))
    from analyzer.leaks.sources.unpack import unfolded

    return unfolded(root)


@contextmanager
def _lens(options: ScanOptions) -> Iterator[Lens]:
    """With the plugins of detect-secrets only if wanted: their import takes longer than a scan."""
    sought = frozenset(each.encode() for each in options.known_ids)
    if options.detectors is Detectors.AWS:
        yield Lens(None, sought)
        return
    from analyzer.leaks.detect_secrets import other_detectors  # slow to load

    with other_detectors() as others:
        yield Lens(others, sought)


def _laid_out(found: Iterable[Credential], decoys: frozenset[str]) -> Iterator[Credential]:
    """The credentials, with those of the accounts named set aside."""
    for each in found:
        reason = f"a decoy: account {each.account} was named as one whose keys are traps"
        is_decoy = each.account in decoys and each.demoted is None
        yield replace(each, demoted=reason) if is_decoy else each


def _piped(data: bytes, lens: Lens) -> Taken:
    """What came through a pipe, looked at as one file."""
    found = seen(lens, STANDARD_INPUT, data)
    place = Occurrence(STANDARD_INPUT, "", 0, Where.STANDARD_INPUT)
    skipped = [replace(each, what=each.what or STANDARD_INPUT) for each in found.skipped]
    read = Read(
        spots=[*spots_at(found.sightings, place)],
        skipped=skipped,
        objects=1,
        size=len(data),
        containers=found.containers,
    )
    return Taken(STANDARD_INPUT, read)


def _must_exist(root: Path) -> None:
    try:
        if root.is_dir() or root.is_file():
            return
    except OSError:
        pass
    raise EvidenceError(
        "there is no such file or folder",
        where=str(root),
        way_out="Name a repository, a folder or a file that exists",
    )

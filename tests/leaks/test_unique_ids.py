"""In: repositories, and unique IDs of an inventory. Out: the proof that each is told.

And that no other one is, and that no credential is told otherwise for it.
"""

import base64
import gzip
import hashlib
import io
import shutil
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.leaks.detect.candidate import NOTHING
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.model import LeakScan, Occurrence, PlaceKind, UniqueIdSighting
from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from analyzer.leaks.sources import folders, git_objects, large_files
from analyzer.leaks.sources import repository as scanned
from tests.leaks.leak_material import Repository, credentials_file, key_id, repository, secret


def unique_id(n: int = 0, prefix: str = "AIDA") -> str:
    """The n-th unique ID of a kind."""
    digits = base64.b32encode(hashlib.sha256(f"unique {n}".encode()).digest())
    return prefix + digits[:17].decode()


KINDS = ("AIDA", "AROA", "AGPA", "ANPA", "AIPA")
KNOWN = ScanOptions(unique_ids=frozenset(unique_id(n, kind) for kind in KINDS for n in range(3)))


def told(path: Path, options: ScanOptions = KNOWN) -> LeakScan:
    """What is found below a path, where no ID may ever be called a credential."""
    found = scan([path], options)
    assert not {each.key_id for each in found.credentials} & options.unique_ids
    return found


def only(found: LeakScan) -> UniqueIdSighting:
    """The one unique ID of a scan."""
    assert len(found.unique_ids) == 1, found
    return found.unique_ids[0]


def place(path: Path, options: ScanOptions = KNOWN) -> Occurrence:
    """Where the one unique ID below a path stands."""
    found = told(path, options)
    assert found.credentials == ()
    return only(found).occurrence


@pytest.mark.parametrize("prefix", KINDS)
def test_an_id_in_head_is_told_with_its_commit(repo, prefix):
    """Users, roles, groups, policies and instance profiles have IDs of one shape."""
    commit = repo.put("main.tf", f'\n"unique_id": "{unique_id(prefix=prefix)}",\n', day=4)
    found = told(repo.path)
    assert found.credentials == ()
    assert only(found).unique_id == unique_id(prefix=prefix)
    where = only(found).occurrence
    assert (where.repository, where.path, where.line) == (repo.path.name, "main.tf", 2)
    assert (where.commit, where.in_head, where.where) == (commit, True, PlaceKind.HISTORY)


def test_an_id_that_was_deleted_is_told_from_the_history(repo):
    """What a repository once held tells as well whose it is."""
    commit = repo.put("a", unique_id(), day=1)
    repo.put("a", "nothing", day=2)
    found = place(repo.path)
    assert (found.path, found.commit, found.in_head) == ("a", commit, False)


@pytest.mark.parametrize("packed", [True, False])
def test_an_id_in_a_commit_message_is_told(repo, packed):
    """The line is the message's."""
    commit = repo.commit(f"subject\n\nfor {unique_id()}", day=2)
    if packed:
        repo.git("gc", "-q")
    found = place(repo.path)
    assert (found.where, found.commit, found.line) == (PlaceKind.COMMIT_MESSAGE, commit, 3)


def test_an_id_in_the_message_of_a_tag_is_told(repo):
    """Tags are annotated by people too."""
    repo.commit()
    repo.git("tag", "-a", "v1", "-m", f"by {unique_id()}", day=7)
    assert (place(repo.path).where, place(repo.path).path) == (PlaceKind.TAG_MESSAGE, "v1")


def test_a_bare_repository_is_read(repo, tmp_path):
    """There is no work tree in it."""
    commit = repo.put("a", unique_id())
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    found = place(tmp_path / "bare.git")
    assert (found.repository, found.path, found.commit) == ("bare.git", "a", commit)


def test_a_bundle_is_read(repo, tmp_path):
    """A bundle is a repository in one file."""
    commit = repo.put("a", unique_id())
    repo.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    assert place(tmp_path / "all.bundle").commit == commit


def test_an_archive_of_a_repository_is_read_as_a_repository(repo, tmp_path):
    """Whoever was handed a packed folder need not unpack it."""
    commit = repo.put("a", unique_id())
    archive = shutil.make_archive(str(tmp_path / "packed"), "gztar", repo.path.parent, "repo")
    assert place(Path(archive)).commit == commit


def test_folders_and_single_files_are_read(tmp_path):
    """No repository is needed; the work tree has no date and no commit."""
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "trail.json"
    file.write_text(f'{{"principalId": "{unique_id(prefix="AROA")}:session"}}')
    assert place(tmp_path / "folder") == Occurrence("folder", "trail.json", 1, PlaceKind.WORK_TREE)
    assert place(file).repository == "trail.json"


def test_what_came_through_a_pipe_is_read(tmp_path):
    """It is looked at as one file."""
    found = scan([], replace(KNOWN, standard_input=unique_id().encode()))
    assert only(found).occurrence.where is PlaceKind.STANDARD_INPUT


def test_what_is_staged_is_read(repo):
    """The index is a place as others are."""
    repo.commit()
    repo.write("a", unique_id())
    repo.git("add", "a")
    assert place(repo.path, replace(KNOWN, staged=True)).where is PlaceKind.INDEX


def test_names_and_links_are_read(repo):
    """A folder may be called by the ID of the role that it is for."""
    repo.write(f"roles/{unique_id(1)}/a", "nothing")
    (repo.path / "link").symlink_to(f"/srv/{unique_id(2)}")
    found = {each.unique_id: each.occurrence for each in told(repo.path).unique_ids}
    assert found[unique_id(1)].where is PlaceKind.FILE_NAME
    assert found[unique_id(2)].where is PlaceKind.LINK_TARGET
    repo.commit()
    found = {each.unique_id: each.occurrence for each in told(repo.path).unique_ids}
    assert found[unique_id(1)].where is PlaceKind.TREE_ENTRY
    assert found[unique_id(2)].where is PlaceKind.HISTORY


@pytest.mark.parametrize("compress", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_are_opened(tmp_path, compress):
    """The way through an archive is part of the place, and a stored file counts once."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", compress) as archive:
        archive.writestr("b/c.txt", f"\n{unique_id()}\n")
    found = place(tmp_path / "a.zip")
    assert (found.path, found.line) == ("a.zip!/b/c.txt", 2)


def test_archives_in_the_history_and_in_base64_are_opened(repo):
    """Logs are delivered by AWS as gzip, and manifests carry it as text."""
    log = gzip.compress(f"{secret(1)[:30]} {unique_id(1)}".encode(), mtime=0)
    inner = gzip.compress(f"{secret(2)[:30]} {unique_id(2)}".encode(), mtime=0)
    repo.put("log.gz", log)
    repo.put("manifest.yaml", f"data: {base64.b64encode(inner).decode()}\n")
    found = {each.unique_id: each.occurrence.path for each in told(repo.path).unique_ids}
    assert found == {
        unique_id(1): "log.gz!/content",
        unique_id(2): "manifest.yaml!/base64 in line 1!/content",
    }


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_characters_are_read(tmp_path, codec):
    """PowerShell writes its output so, and the place says it."""
    (tmp_path / "a").write_bytes(f"name\r\nid {unique_id()} x\r\n".encode(codec))
    assert (place(tmp_path).line, place(tmp_path).encoding) == (2, "UTF-16")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_what_is_no_whole_id_is_not_told(tmp_path, codec):
    """Another letter beside it makes it the ID of somebody else, or none."""
    texts = [f"{before}{unique_id()}" for before in "Qq7"]
    texts += [f"{unique_id()}{behind}" for behind in "Qq7"]
    texts += [unique_id()[:-1], unique_id().lower(), unique_id()[1:]]
    (tmp_path / "a").write_bytes("\n".join(texts).encode(codec))
    assert told(tmp_path).unique_ids == ()


@pytest.mark.parametrize("before", ["\\n", "\\t", "%3A", "\\u0022", "\\x22", ":", "_", "é", '"'])
def test_escapes_and_signs_beside_an_id_are_none_of_it(tmp_path, before):
    """A letter that stands for a line's end is no letter."""
    (tmp_path / "a").write_text(f"x{before}{unique_id()}_:\\n", encoding="utf-8")
    assert place(tmp_path).line == 1


def test_a_written_line_end_in_wide_characters_is_none_of_an_id(tmp_path):
    """The same holds there."""
    (tmp_path / "a").write_bytes(f"x\\n{unique_id()}\\n".encode("utf-16"))
    assert place(tmp_path).encoding == "UTF-16"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_each_id_of_a_text_has_its_own_line(tmp_path, codec):
    """The first one that it stands on."""
    lines = [unique_id(n) for n in (2, 0, 2, 1, 0, 1)]
    (tmp_path / "a").write_bytes("\n".join(lines).encode(codec))
    found = {each.unique_id: each.occurrence.line for each in told(tmp_path).unique_ids}
    assert found == {unique_id(2): 1, unique_id(0): 2, unique_id(1): 4}


def test_an_id_of_nobody_in_the_inventory_is_not_told(repo):
    """It says only that the repository belongs to somebody."""
    repo.put("a", f"{unique_id(7)} {unique_id(8, 'AROA')}")
    assert told(repo.path) == scan([repo.path])
    assert told(repo.path).unique_ids == ()


def test_a_scan_that_seeks_none_tells_of_none(repo):
    """What was sought by a scan before is forgotten."""
    repo.put("a", unique_id())
    assert told(repo.path).unique_ids
    assert scan_bytes(unique_id().encode()) == NOTHING
    assert scan([repo.path]).unique_ids == ()


def test_credentials_are_the_same_whether_ids_are_sought_or_not(repo):
    """A text full of IDs takes no credential's place, and pairs none otherwise."""
    repo.put("a", "\n".join(unique_id(n) for n in range(3)) + "\n" + credentials_file(1))
    repo.put("b", f"{unique_id()} {secret(2)}\n")
    repo.put("c", f"{unique_id()} {key_id(n=3)}\n")
    repo.commit(f"{unique_id(1)} {key_id(n=4)}")
    found = told(repo.path)
    assert found.credentials == scan([repo.path]).credentials
    assert {each.key_id for each in found.credentials} == {key_id(n=n) for n in (1, 3, 4)}
    assert [each.unique_id for each in found.unique_ids] == sorted(unique_id(n) for n in range(3))


def test_each_id_has_its_oldest_place_in_each_repository(tmp_path):
    """Sorted by repository and ID; a place without a date comes last."""
    for name in ("red", "blue"):
        repo = repository(tmp_path / name)
        repo.write("untracked", unique_id(1))
        repo.put("b", f"\n{unique_id(0)}\n{unique_id(0)}", day=1)
        repo.put("a", unique_id(0), day=2)
    found = scan([tmp_path / "red", tmp_path / "blue"], KNOWN).unique_ids
    ordered = sorted((unique_id(0), unique_id(1)))
    names = [(each.occurrence.repository, each.unique_id) for each in found]
    assert names == [(name, value) for name in ("blue", "red") for value in ordered]
    places = {(each.occurrence.path, each.occurrence.line) for each in found}
    assert places == {("b", 2), ("untracked", 1)}


def _many(repo: Repository) -> None:
    """Enough files, folders and commits that two processes share the work."""
    for n in range(40):
        repo.write(f"folder {n}/file", f"{unique_id(n % 3, KINDS[n % 5])} {key_id(n=n)}\n" * 3)
    repo.commit()
    repo.put("later", unique_id(2), day=2)


def test_two_processes_find_what_one_finds(repo):
    """The processes know what is sought."""
    _many(repo)
    first, second = (told(repo.path, replace(KNOWN, jobs=jobs)) for jobs in (1, 2))
    assert first == second
    assert len(first.unique_ids) == 15


def test_what_was_remembered_without_an_id_hides_none(repo, tmp_path, monkeypatch):
    """A cache of a scan that sought none, or others, is none for this one; its own is."""
    monkeypatch.setattr(scanned, "MOST_CHECKED", 0)
    repo.put("a", f"{unique_id(1)} {unique_id(2)}", day=1)
    (repo.path / "a").unlink()
    repo.git("gc", "-q")
    bare = ScanOptions(cache=tmp_path / "cache", jobs=1)
    assert scan([repo.path], bare).unique_ids == ()
    some = replace(bare, unique_ids=frozenset({unique_id(1)}))
    assert only(told(repo.path, some)).unique_id == unique_id(1)
    every = replace(bare, unique_ids=KNOWN.unique_ids)
    fresh = told(repo.path, every)
    assert fresh == told(repo.path)
    assert len(fresh.unique_ids) == 2
    monkeypatch.setattr(git_objects, "iter_objects", lambda *_: iter(()))
    assert told(repo.path, every) == fresh
    assert scan([repo.path], bare).unique_ids == ()


def test_what_is_too_large_for_memory_is_read_in_pieces(tmp_path, monkeypatch):
    """Lines are counted from the beginning, and an ID across two pieces is whole."""
    monkeypatch.setattr(folders, "LARGEST", 1 << 20)
    monkeypatch.setattr(large_files, "CHUNK", 300_010)
    text = "\n".join(["x" * 99] * 3000)
    parts = (text, unique_id(1), text, text, unique_id(1), text, unique_id(2))
    (tmp_path / "a").write_text("\n".join(parts))
    lines = {each.unique_id: each.occurrence.line for each in told(tmp_path).unique_ids}
    assert lines == {unique_id(1): 3001, unique_id(2): 12003}


def test_a_large_archive_is_opened(tmp_path, monkeypatch):
    """What is mapped is opened as what is held."""
    monkeypatch.setattr(folders, "LARGEST", 1 << 20)
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, body in (("pad", bytes(2 << 20)), ("b", f"\n{unique_id()}".encode())):
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    assert (place(tmp_path).path, place(tmp_path).line) == ("a.tar!/b", 2)


def test_no_secret_is_in_the_place_of_an_id(repo):
    """People lose secrets in names of files, and by such a name the place would be told."""
    repo.put(f"aws_secret_access_key={secret()}/a", unique_id())
    found = told(repo.path)
    assert secret() not in repr(found)
    assert only(found).occurrence.path.endswith("/a")

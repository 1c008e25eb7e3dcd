"""In: nothing. Out: the files in which a pair lies inside an archive or a compressed file."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from tests.leaks.hiding.model import Hideout, Pair, in_head, pair_for
from tests.leaks.leak_material import repository

Files = dict[str, bytes]


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return made.getvalue()


def tarred(files: Files) -> bytes:
    """A tar file of the same bytes each time."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def gzipped(data: bytes) -> bytes:
    """A gzip file of the same bytes each time."""
    return gzip.compress(data, mtime=0)


def in_folder(pair: Pair) -> Files:
    """A small project, in which one file holds the pair."""
    return {"app/README.md": b"# an app\n", "app/conf/app.ini": pair.file.encode()}


def image(pair: Pair, part: str) -> bytes:
    """What `docker save` writes, with the pair in a file of a layer or in the configuration."""
    layer = tarred(in_folder(pair) if part == "layer" else {"app/README.md": b"# an app\n"})
    variables = [f"AWS_ACCESS_KEY_ID={pair.id}", f"AWS_SECRET_ACCESS_KEY={pair.secret}"]
    config = {"os": "linux", "config": {"Env": variables if part == "config" else []}}
    manifest = [{"Config": "config.json", "RepoTags": ["app:1"], "Layers": ["1/layer.tar"]}]
    return tarred(
        {
            "1/layer.tar": layer,
            "config.json": json.dumps(config).encode(),
            "manifest.json": json.dumps(manifest).encode(),
        }
    )


def wheel(pair: Pair) -> bytes:
    """A wheel whose settings hold the pair."""
    code = f'ACCESS_KEY = "{pair.id}"\nSECRET_KEY = "{pair.secret}"\n'
    meta = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\n"
    return zipped({"app/settings.py": code.encode(), "app-1.0.dist-info/METADATA": meta})


def document(pair: Pair) -> bytes:
    """A word processor's file whose text holds the pair in two paragraphs."""
    rows = (f"Key: {pair.id}", f"Secret: {pair.secret}")
    body = "".join(f"<w:p><w:r><w:t>{row}</w:t></w:r></w:p>" for row in rows)
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": f"<w:document><w:body>{body}</w:body></w:document>".encode(),
        }
    )


def bundle(pair: Pair) -> bytes:
    """A git bundle in whose history the pair lies."""
    with tempfile.TemporaryDirectory() as folder:
        repo = repository(Path(folder) / "bundled")
        repo.put("conf/app.ini", pair.file)
        target = Path(folder) / "a.bundle"
        repo.git("-c", "pack.threads=1", "bundle", "create", str(target), "main")
        return target.read_bytes()


def packed_repository(pair: Pair) -> bytes:
    """A repository in an archive, with its history in a pack."""
    with tempfile.TemporaryDirectory() as folder:
        repo = repository(Path(folder) / "packed")
        repo.put("conf/app.ini", "# settings of the build\n" * 99 + pair.file)
        repo.put("conf/app.ini", "# settings of the build\n" * 99)
        repo.git("-c", "pack.threads=1", "repack", "-a", "-d", "-q")
        git = repo.path / ".git"
        names = [each for each in sorted(git.rglob("*")) if each.is_file() and each.name != "index"]
        return gzipped(
            tarred({f"old/.git/{each.relative_to(git)}": each.read_bytes() for each in names})
        )


def text(pair: Pair) -> bytes:
    """One file with the pair, of a length that is worth compressing."""
    return b"# settings of the build\n" * 20 + pair.file.encode()


CONF = "!/*app/conf/app.ini"
ARCHIVES: dict[str, tuple[str, str, Callable[[Pair], bytes], tuple[int, ...]]] = {
    "zip": ("a.zip", CONF, lambda p: zipped(in_folder(p)), (2,)),
    "zip without compression": (
        "stored.zip",
        CONF,
        lambda p: zipped(in_folder(p), zipfile.ZIP_STORED),
        (2,),
    ),
    "zip in zip": (
        "outer.zip",
        "!/*inner.zip" + CONF,
        lambda p: zipped({"x/inner.zip": zipped(in_folder(p))}),
        (2,),
    ),
    "zip with another name": ("photo.jpg", CONF, lambda p: zipped(in_folder(p)), (2,)),
    "tar": ("a.tar", CONF, lambda p: tarred(in_folder(p)), (2,)),
    "tar.gz": ("a.tar.gz", CONF, lambda p: gzipped(tarred(in_folder(p))), (2,)),
    "tar.bz2": ("a.tar.bz2", CONF, lambda p: bz2.compress(tarred(in_folder(p))), (2,)),
    "tar.xz": ("a.tar.xz", CONF, lambda p: lzma.compress(tarred(in_folder(p))), (2,)),
    "tar.zst": (
        "a.tar.zst",
        CONF,
        lambda p: zstandard.ZstdCompressor().compress(tarred(in_folder(p))),
        (2,),
    ),
    "zip in tar.gz": (
        "mixed.tgz",
        "!/*lib/inner.zip" + CONF,
        lambda p: gzipped(tarred({"lib/inner.zip": zipped(in_folder(p))})),
        (2,),
    ),
    "gzip": ("a.ini.gz", "*", lambda p: gzipped(text(p)), (22,)),
    "bzip2": ("a.ini.bz2", "*", lambda p: bz2.compress(text(p)), (22,)),
    "xz": ("a.ini.xz", "*", lambda p: lzma.compress(text(p)), (22,)),
    "zstd": ("a.ini.zst", "*", lambda p: zstandard.ZstdCompressor().compress(text(p)), (22,)),
    "docker save layer": (
        "layer.tar",
        "!/1/layer.tar" + CONF,
        lambda p: image(p, "layer"),
        (2,),
    ),
    "docker save configuration": (
        "config.tar",
        "!/config.json",
        lambda p: image(p, "config"),
        (1,),
    ),
    "wheel": ("app-1.0-py3-none-any.whl", "!/app/settings.py", wheel, (1,)),
    "jar": (
        "app.jar",
        "!/application.properties",
        lambda p: zipped({"application.properties": p.file.encode()}),
        (2,),
    ),
    "docx": ("handover.docx", "!/word/document.xml", document, (1,)),
    "UTF-16 in zip": (
        "utf16.zip",
        "!/export.reg",
        lambda p: zipped({"export.reg": p.file.encode("utf-16")}),
        (2,),
    ),
    "base64 in tar.gz": (
        "secrets.tar.gz",
        "!/*secret.b64",
        lambda p: gzipped(tarred({"secret.b64": base64.b64encode(p.file.encode())})),
        (1,),
    ),
    "name of a member": (
        "named.zip",
        "*",
        lambda p: zipped({f"keys/{p.words}.txt": b"see the name\n"}),
        (),
    ),
    "repository in an archive": ("old.tgz", "!/old/.git/*!/blob *", packed_repository, (101,)),
    "git bundle in the work tree": ("history.bundle", "!/blob *", bundle, (2,)),
}


def locked(pair: Pair) -> bytes:
    """A zip file that says that one needs a password."""
    made = bytearray(zipped({"conf/app.ini": pair.file.encode()}))
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        made[made.index(head) + flags] |= 1
    return bytes(made)


CLOSED: dict[str, tuple[str, Callable[[Pair], bytes], str]] = {
    "zip with a password": ("closed/locked.zip", locked, "encrypted"),
    "7z": (
        "closed/keys.7z",
        lambda p: b"7z\xbc\xaf\x27\x1c\0\4" + lzma.compress(p.file.encode()),
        "a 7z archive: not opened",
    ),
}
"""What no scan opens: the way to it and the reason have to be in the list of what was left out."""


def archives() -> Iterator[Hideout]:
    """Every file that has to be opened before the pair can be read."""
    for name, (file, inside, make, lines) in ARCHIVES.items():
        pair = pair_for(name, lacking="/" if name == "name of a member" else "")
        path = f"archives/{file}"
        place = in_head(name, pair, path + inside, *lines)
        yield Hideout(place, path, lambda make=make, pair=pair: make(pair))

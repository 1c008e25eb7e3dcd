"""In: images of containers as programs save them. Out: every layer and setting of them is read."""

import gzip
import hashlib
import io
import json
import tarfile

import pytest
import zstandard

from analyzer.leaks.options import ScanOptions
from analyzer.leaks.scan import scan
from tests.leaks.leak_material import credentials_file, key_id, secret
from tests.leaks.scan_results import key_ids, skip_reasons

PACKERS = {"tar": bytes, "gzip": gzip.compress, "zstd": zstandard.compress}


def tar(files: dict[str, bytes]) -> bytes:
    """A tar archive of files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            head = tarfile.TarInfo(name)
            head.size = len(content)
            archive.addfile(head, io.BytesIO(content))
    return target.getvalue()


def layers(pack) -> list[bytes]:
    """A layer with a key, one that deletes it, and one with another key."""
    return [
        pack(tar({"root/.aws/credentials": credentials_file(1).encode()})),
        pack(tar({"root/.aws/.wh.credentials": b""})),
        pack(tar({"app/config.env": credentials_file(2).encode()})),
    ]


def settings() -> bytes:
    """What an image is run with, and how it was built."""
    return json.dumps(
        {
            "architecture": "amd64",
            "config": {
                "Env": [f"AWS_ACCESS_KEY_ID={key_id(n=3)}", f"AWS_SECRET_ACCESS_KEY={secret(3)}"],
                "Labels": {"note": key_id(n=4)},
            },
            "history": [{"created_by": f"RUN /bin/sh -c aws configure set x {key_id(n=5)}"}],
        }
    ).encode()


def blob(content: bytes) -> str:
    """Where a layout keeps some content."""
    return f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def layout(pack) -> dict[str, bytes]:
    """The files of an OCI image layout, as `skopeo copy` and newer `docker save` write them."""
    parts = [*layers(pack), settings()]
    digests = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in parts]
    manifest = json.dumps(
        {"schemaVersion": 2, "config": {"digest": digests[-1]},
         "layers": [{"digest": each} for each in digests[:-1]]}
    ).encode()  # fmt: skip
    index = json.dumps(
        {"manifests": [{"digest": blob(manifest), "annotations": {"by": key_id(n=6)}}]}
    )
    files = {blob(each): each for each in (*parts, manifest)}
    return {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index.encode(), **files}


def saved(pack) -> dict[str, bytes]:
    """The files of what older `docker save` writes: a folder for each layer, and a list of them."""
    parts = layers(pack)
    manifest = [{"Config": "c.json", "RepoTags": [f"a:{key_id(n=6)}"],
                 "Layers": [f"{number}/layer.tar" for number in range(len(parts))]}]  # fmt: skip
    names = {f"{number}/layer.tar": each for number, each in enumerate(parts)}
    return {**names, "c.json": settings(), "manifest.json": json.dumps(manifest).encode()}


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("image", [layout, saved])
def test_an_image_in_a_file_is_read_whole(tmp_path, image, packer):
    """What a later layer deletes, the environment, labels, steps and annotations, too."""
    path = tmp_path / "image.tar"
    path.write_bytes(tar(image(PACKERS[packer])))
    result = scan([path])
    assert key_ids(result) == {key_id(n=n) for n in range(1, 7)}
    assert not result.repositories[0].gaps
    pairs = {each.key_id for each in result.credentials if each.secret_digest}
    assert pairs == {key_id(n=n) for n in range(1, 4)}
    places = {o.path for c in result.credentials for o in c.occurrences if c.key_id == key_id(n=1)}
    assert all(place.endswith("!/root/.aws/credentials") for place in places)


@pytest.mark.parametrize("packer", PACKERS)
def test_a_layout_in_a_folder_is_read_whole(tmp_path, packer):
    """Its blobs have names that say nothing."""
    for name, content in layout(PACKERS[packer]).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert key_ids(scan([tmp_path])) == {key_id(n=n) for n in range(1, 7)}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_image_through_a_pipe_is_read_whole(pack):
    """`docker save IMAGE | credaudit scan -`, which needs no file."""
    data = pack(tar(saved(gzip.compress)))
    result = scan([], ScanOptions(standard_input=data))
    assert key_ids(result) == {key_id(n=n) for n in range(1, 7)}


@pytest.mark.parametrize("is_piped", [False, True])
def test_paths_within_an_image_can_be_left_out(tmp_path, is_piped):
    """Of a file and through a pipe, with a count, and nothing else goes with them."""
    data = tar(saved(bytes))
    (tmp_path / "image.tar").write_bytes(data)
    options = ScanOptions(exclude=("app/",), standard_input=data if is_piped else None)
    result = scan([] if is_piped else [tmp_path / "image.tar"], options)
    assert skip_reasons(result)["--exclude app/"] == "left out: 2 finds in an archive"
    assert key_ids(result) == {key_id(n=n) for n in range(1, 7)} - {key_id(n=2)}

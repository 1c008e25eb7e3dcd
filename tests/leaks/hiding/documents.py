"""In: nothing. Out: the files of programs that keep what people typed, one pair each."""

import json
from collections.abc import Callable, Iterator

from tests.leaks.hiding.model import Hideout, Pair, in_head, pair_for


def harness(pair: Pair) -> bytes:
    """A recorded request whose body is JSON in JSON."""
    body = json.dumps({"key": pair.id, "secret": pair.secret})
    request = {"method": "POST", "url": "https://example.com/", "postData": {"text": body}}
    return json.dumps({"log": {"version": "1.2", "entries": [{"request": request}]}}).encode()


def notebook(pair: Pair, part: str) -> bytes:
    """A Jupyter notebook with the pair in a cell's source or in its output."""
    lines = [
        "import os\n",
        f"os.environ['AWS_ACCESS_KEY_ID'] = '{pair.id}'\n",
        f'os.environ["AWS_SECRET_ACCESS_KEY"] = "{pair.secret}"',
    ]
    shown = [f"('{pair.id}',\n", f" '{pair.secret}')"]
    output = {"output_type": "execute_result", "data": {"text/plain": shown}}
    cell = {
        "cell_type": "code",
        "source": lines if part == "source" else ["session.get_credentials()"],
        "outputs": [output] if part == "outputs" else [],
    }
    return json.dumps({"cells": [cell], "nbformat": 4}, indent=1).encode()


def state(pair: Pair) -> bytes:
    """A Terraform state that made the key."""
    attributes = {"id": pair.id, "secret": pair.secret, "status": "Active", "user": "deploy"}
    resource = {"type": "aws_iam_access_key", "instances": [{"attributes": attributes}]}
    return json.dumps({"version": 4, "resources": [resource]}, indent=2).encode()


DOCUMENTS: dict[str, tuple[str, Callable[[Pair], bytes]]] = {
    "HAR": ("documents/session.har", harness),
    "notebook source": ("documents/source.ipynb", lambda p: notebook(p, "source")),
    "notebook output": ("documents/output.ipynb", lambda p: notebook(p, "outputs")),
    "Terraform state": ("documents/terraform.tfstate", state),
}


def documents() -> Iterator[Hideout]:
    """Every document of another program."""
    for name, (path, encode) in DOCUMENTS.items():
        pair = pair_for(name)
        data = encode(pair)
        line = data[: data.index(pair.id.encode())].count(b"\n") + 1
        place = in_head(name, pair, path, line)
        yield Hideout(place, path, lambda data=data: data)

"""In: a source of chance. Out: pieces of what programs write: locks, assets, logs, dumps."""

import base64
import json
import textwrap

from tests.benchmarks.drawn import (
    Draw,
    digits_of_base_16,
    identifier,
    in_base64,
    package,
    sentence,
    snake,
    uuid,
    version,
    word,
)


def package_lock(draw: Draw) -> str:
    """An entry of package-lock.json."""
    name, number = package(draw), version(draw)
    return (
        f'    "node_modules/{name}": {{\n      "version": "{number}",\n'
        f'      "resolved": "https://registry.npmjs.example/{name}/-/{name}-{number}.tgz",\n'
        f'      "integrity": "sha512-{in_base64(draw, 64)}",\n      "dev": true,\n      '
        f'"dependencies": {{\n        "{package(draw)}": "^{version(draw)}"\n      }}\n    }},\n'
    )


def yarn_lock(draw: Draw) -> str:
    """An entry of yarn.lock, whose address ends in a SHA-1."""
    name, number = package(draw), version(draw)
    return (
        f'{name}@^{number}:\n  version "{number}"\n'
        f'  resolved "https://registry.yarnpkg.example/{name}/-/{name}-{number}.tgz'
        f'#{digits_of_base_16(draw, 40)}"\n  integrity sha512-{in_base64(draw, 64)}\n\n'
    )


def pnpm_lock(draw: Draw) -> str:
    """An entry of pnpm-lock.yaml."""
    return (
        f"  /{package(draw)}@{version(draw)}:\n"
        f"    resolution: {{integrity: sha512-{in_base64(draw, 64)}}}\n"
        f"    engines: {{node: '>=14'}}\n    dev: true\n\n"
    )


def go_sum(draw: Draw) -> str:
    """Two lines of go.sum: the hash in them has 43 characters of base64, and one =."""
    at = f"github.com/{word(draw)}/{package(draw)} v{version(draw)}"
    return f"{at} h1:{in_base64(draw, 32)}\n{at}/go.mod h1:{in_base64(draw, 32)}\n"


def poetry_lock(draw: Draw) -> str:
    """A package of poetry.lock with its files."""
    name = package(draw)
    digests = [digits_of_base_16(draw, 64) for _ in range(8)]
    files = "".join(
        f'    {{file = "{name}-{version(draw)}.whl", hash = "sha256:{digest}"}},\n'
        for digest in digests
    )
    return f'[[package]]\nname = "{name}"\nversion = "{version(draw)}"\nfiles = [\n{files}]\n\n'


def data_uri(draw: Draw) -> str:
    """A rule of a style sheet with its picture."""
    kind = draw.choice(("image/png", "font/woff2", "image/svg+xml"))
    return (
        f".{identifier(draw)}{{background:url(data:{kind};base64,"
        f"{in_base64(draw, draw.randint(300, 30_000))}) no-repeat}}\n"
    )


def font(draw: Draw) -> str:
    """A rule of a style sheet with a font in base64: tables, mostly of small numbers."""
    numbers = (0, 0, 0, 0, 1, 1, 2, 3, 4, 8, 16, 0x20, 0x80, 0xFF)
    tables = bytes(draw.choices(numbers, k=draw.randint(2_000, 40_000)))
    shown = base64.b64encode(tables + draw.randbytes(4_000)).decode()
    return f"@font-face{{src:url(data:font/ttf;base64,{shown}) format('truetype')}}\n"


def certificates(draw: Draw) -> str:
    """A certificate as bundles of authorities hold them."""
    body = "\n".join(textwrap.wrap(in_base64(draw, draw.randint(700, 1500)), 64))
    return f"# {sentence(draw)}\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n\n"


def source_map(draw: Draw) -> str:
    """Mappings in base64 VLQ, and names."""
    letters = "AACBDEFGHIJKLMNOPQSUWYaceghiklmoqsuwy"
    mapped = ";".join(
        ",".join("".join(draw.choices(letters, k=draw.choice((4, 4, 5)))) for _ in range(40))
        for _ in range(20)
    )
    names = json.dumps([identifier(draw) for _ in range(60)])
    return (
        f'{{"version":3,"sources":["{package(draw)}.ts"],"names":{names},"mappings":"{mapped}"}}\n'
    )


def table(draw: Draw) -> str:
    """A row of CSV: numbers, IDs, times."""
    return (
        f"{draw.randint(10**11, 10**12)},{digits_of_base_16(draw, 24)},{draw.random():.15f},"
        f"2024-03-01T10:{draw.randint(0, 59):02d}:00Z,{word(draw)},{draw.getrandbits(62)},"
        f"i-0{digits_of_base_16(draw, 16)},{in_base64(draw, 12)},{word(draw).upper()}\n"
    )


def log(draw: Draw) -> str:
    """A line with the IDs of a request."""
    return (
        f"2024-03-01T10:{draw.randint(0, 59):02d}:07.123Z INFO [{uuid(draw)}] {word(draw)} "
        f"x-amz-request-id={digits_of_base_16(draw, 16).upper()} "
        f"x-amz-id-2={in_base64(draw, 48)} "
        f"trace=Root=1-{digits_of_base_16(draw, 8)}-{digits_of_base_16(draw, 24)} "
        f"GET /secrets/{word(draw)}/{uuid(draw)} 200 {draw.randint(1, 900)}ms\n"
    )


def terraform_state(draw: Draw) -> str:
    """A resource in a state file."""
    told = {
        "type": "aws_s3_object",
        "name": snake(draw),
        "instances": [{"attributes": {
            "arn": f"arn:aws:s3:::{package(draw)}", "etag": digits_of_base_16(draw, 32),
            "source_code_hash": in_base64(draw, 32), "id": uuid(draw), "secret": None,
            "kms_key_id": f"arn:aws:kms:eu-west-1:111122223333:key/{uuid(draw)}",
        }, "sensitive_attributes": [], "private": in_base64(draw, 60)}],
    }  # fmt: skip
    return json.dumps(told, indent=2) + ",\n"


def notebook(draw: Draw) -> str:
    """A cell with its picture."""
    told = {
        "cell_type": "code", "id": digits_of_base_16(draw, 8), "execution_count": 7,
        "outputs": [{"output_type": "display_data", "data": {
            "image/png": in_base64(draw, draw.randint(3_000, 30_000)),
            "text/plain": [f"<Figure size {draw.randint(200, 900)}x400 with 1 Axes>"],
        }}],
        "source": [f"{snake(draw)} = {snake(draw)}({sentence(draw)!r})\n" for _ in range(5)],
    }  # fmt: skip
    return json.dumps(told, indent=1) + ",\n"


def json_lines(draw: Draw) -> str:
    """A record of a dump."""
    told = {
        "id": uuid(draw), "sha": digits_of_base_16(draw, 40), "key": snake(draw),
        "text": sentence(draw), "etag": digits_of_base_16(draw, 32), "at": draw.getrandbits(40),
        "token": None, "score": draw.random(),
    }  # fmt: skip
    return json.dumps(told) + "\n"

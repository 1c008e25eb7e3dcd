"""In: the name of a kind of text and a size. Out: a text as repositories are full of, made up.

Each kind has what makes it costly to a scanner: digests, base64, names of AWS, and the words
secret, key and token among few others, as in a project about them. No text holds a credential.
"""

import random
from collections.abc import Callable

from tests.benchmarks import ordinary_code as code
from tests.benchmarks import ordinary_data as data
from tests.benchmarks.drawn import Draw

PLAIN = "plain text"
ORDINARY: dict[str, Callable[[Draw], str]] = {
    PLAIN: code.prose,
    "Python": code.python_source,
    "JavaScript": code.javascript_source,
    "Java": code.java_source,
    "changelog with commits": code.changelog,
    "package-lock.json": data.package_lock,
    "yarn.lock": data.yarn_lock,
    "pnpm-lock.yaml": data.pnpm_lock,
    "go.sum": data.go_sum,
    "poetry.lock": data.poetry_lock,
    "style sheet with data URIs": data.data_uri,
    "fonts in base64": data.font,
    "PEM certificates": data.certificates,
    "source map": data.source_map,
    "CSV": data.table,
    "minified bundle": code.minified,
    "API model": code.api_model,
    "HTML documentation": code.html,
    "log of requests": data.log,
    "rules of a secret scanner": code.scanner_rules,
    "CloudFormation in JSON": code.cloud_formation_json,
    "CloudFormation in YAML": code.cloud_formation_yaml,
    "Terraform state": data.terraform_state,
    "Jupyter notebook": data.notebook,
    "JSON lines": data.json_lines,
}


def ordinary_text(kind: str, size: int) -> bytes:
    """A text of that kind of about so many bytes, the same each time."""
    draw = random.Random(kind)  # noqa: S311 - no secret
    make, pieces, made = ORDINARY[kind], list[str](), 0
    while made < size:
        pieces.append(make(draw))
        made += len(pieces[-1])
    return "".join(pieces).encode()

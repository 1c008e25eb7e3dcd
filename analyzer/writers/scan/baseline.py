"""In: a LeakScan and the roots it is of. Out: a baseline that detect-secrets can read and audit.

A baseline names values by their SHA-1 and by nothing else, so it holds when lines move and when
history is rewritten.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from analyzer.leaks.model import Credential, CredentialPart, LeakScan
from analyzer.leaks.suppression.baseline import (
    BaselineEntry,
    RereadSecret,
    baseline_names,
    reread_secrets,
    stable_name,
)

# Plugins of detect-secrets' own that show these values to an auditor: 1.5.0 audits no entry of a
# plugin that was added to it.
_ID_TYPE, _VALUE_TYPE = "AWS Access Key", "Base64 High Entropy String"
_HEAD = {
    "version": "1.5.0",
    "plugins_used": [
        {"name": "AWSKeyDetector"},
        {"name": "Base64HighEntropyString", "limit": 4.5},
    ],
}


def render(
    leaks: LeakScan, roots: Mapping[str, Path], file: Path, before: Iterable[BaselineEntry] = ()
) -> bytes:
    """Every credential of the scan that nobody but a baseline sets aside, in a fixed order.

    Labels of `before` are kept where the value is still there. What no file of the work tree
    shows as plain text stands under the name of `file` itself, as detect-secrets drops whatever
    stands under the name of a file that is gone; these entries are labelled, so that its audit
    does not ask to be shown them.
    """
    known = {each.credential for each in leaks.suppressions if each.by == "baseline"}
    kept = [each for each in leaks.credentials if not each.set_aside or each.id in known]
    labels = {each.sha1: each.is_secret for each in before if each.is_secret is not None}
    results: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    shown = sorted(reread_secrets(kept, roots), key=lambda each: (each.line, each.sha1))
    first = {(each.repository, each.path, each.sha1): each for each in reversed(shown)}
    for seen in sorted(first.values(), key=lambda each: (each.line, each.sha1)):
        root = roots[seen.repository]
        path = (root if root.is_file() else root / seen.path).as_posix()
        results[path].append(_entry(path, seen, labels.get(seen.sha1)))
    hidden = sorted(set(_lasting(kept)) - {each.sha1 for each in shown})
    own = file.as_posix()
    results[own] += [_hidden(own, sha1, labels.get(sha1, True)) for sha1 in hidden]
    written = {path: results[path] for path in sorted(results) if results[path]}
    document = _HEAD | {"results": written}
    return (json.dumps(document, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def _lasting(kept: Iterable[Credential]) -> Iterator[str]:
    for each in kept:
        digest = each.secret_digest
        yield from (stable_name(digest),) if digest else baseline_names(each, {})


def _entry(path: str, seen: RereadSecret, label: bool | None) -> dict[str, Any]:
    entry = {
        "type": _ID_TYPE if seen.part is CredentialPart.ID else _VALUE_TYPE,
        "filename": path,
        "hashed_secret": seen.sha1,
        "is_verified": False,
        "line_number": seen.line,
    }
    return entry if label is None else entry | {"is_secret": label}


def _hidden(path: str, sha1: str, label: bool) -> dict[str, Any]:
    return {
        "type": _VALUE_TYPE,
        "filename": path,
        "hashed_secret": sha1,
        "is_verified": False,
        "line_number": 1,
        "is_secret": label,
    }

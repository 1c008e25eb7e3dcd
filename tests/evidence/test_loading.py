"""In: files of all sorts. Out: the proof that each is hashed, parsed and kept, in one order."""

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.evidence.loading import load_evidence
from analyzer.inventory.join import build_accounts
from tests.evidence.export_material import (
    OTHER,
    details,
    faults,
    put,
    reading,
    report,
    row,
    table,
    user,
    wrapper,
    zipped,
)
from tests.hypothesis_profiles import examples

KEYS = {
    "AccessKeyMetadata": [{"UserName": "ann", "AccessKeyId": "AKIAEXAMPLE", "Status": "Active"}]
}
POLICY = {"PasswordPolicy": {"MinimumPasswordLength": 14}}
DIGEST = "0" * 64


@pytest.mark.parametrize("data", [report().encode(), report().encode("utf-16"), b"", b"\0\1\2"])
def test_an_artifact_is_the_bytes_of_the_file(tmp_path, data):
    """Digest and size are those of the file as it came, readable or not."""
    (told,) = reading(tmp_path, {"x": data}).artifacts
    assert (told.sha256, told.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A dozen inputs of all sorts."""
    folder = put(
        tmp_path_factory.mktemp("many"),
        {
            "report.json": wrapper(report()),
            "old.csv": table(row("ann")),
            "gaad.json": details(user()),
            "gaad2.json": details(user("bob"), IsTruncated=True),
            "policy.json": POLICY,
            "keys.json": KEYS,
            "broken.json": "{",
            "none.bin": b"\0\1",
            "broken.zip": b"PK\x03\x04",
            "torn.tgz": b"\x1f\x8b",
            "pack.zip": zipped({"a.csv": report(account=OTHER), "b.json": json.dumps(POLICY)}),
            "a/same": report(account=OTHER),
            "b/same": report(account=OTHER),
            "SHA256SUMS": f"{DIGEST}  policy.json\n{DIGEST}  gone\n",
        },
    )
    return [folder / name for name in ("a/same", "b/same")] + [
        each for each in sorted(folder.iterdir()) if each.is_file()
    ]


@given(seed=st.integers(0, 10_000))
@examples(0.2)
def test_the_order_of_inputs_changes_nothing(many, seed):
    """Ids, accounts, times, rows and problems are the same in whatever order files are named."""
    shuffled = list(many)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    ours, theirs = load_evidence(tuple(many)), load_evidence(tuple(shuffled))
    assert ours.artifacts == theirs.artifacts
    assert (ours.tables, ours.documents) == (theirs.tables, theirs.documents)
    assert faults(ours.problems) == faults(theirs.problems)
    assert build_accounts(ours)[0] == build_accounts(theirs)[0]
    assert [each.id for each in ours.artifacts] == [f"E{n + 1}" for n in range(len(ours.artifacts))]

"""In: rows of a credential report. Out: the proof that each slot becomes what it holds."""

import pytest

from analyzer.evidence.cells import MissingValue
from tests.evidence.export_material import root, row, table
from tests.inventory.joined_account import MADE, account_of, listed


def slots(first: tuple[str, str], second: tuple[str, str] = ("false", "N/A")) -> dict[str, str]:
    """The cells of two key slots: active, last rotated."""
    return {
        f"access_key_{slot}_{column}": value
        for slot, cells in ((1, first), (2, second))
        for column, value in zip(("active", "last_rotated"), cells, strict=True)
    }


@pytest.mark.parametrize(
    ("cells", "keys", "ids"),
    [
        (slots(("true", MADE)), [("A", "Active", MADE)], ["A"]),
        (slots(("true", MADE)), [("A", "Active", "2024-05-06T07:08:10Z")], ["A"]),
        (slots(("true", MADE)), [("A", "Active", "2024-05-06T07:08:12Z")], [None]),
        (slots(("true", MADE)), [("A", "Inactive", MADE)], [None]),
        (slots(("true", MADE)), [("A", "Odd", MADE)], [None]),
        (slots(("odd", MADE)), [("A", "Odd", MADE)], [None]),
        (slots(("true", "soon")), [("A", "Active", "soon")], [None]),
        (slots(("true", MADE)), [("A", "Active", MADE), ("B", "Inactive", MADE)], ["A"]),
        (slots(("true", MADE)), [("A", "Active", MADE), ("B", "Active", MADE)], [None]),
        (slots(("true", MADE), ("false", MADE)),
         [("A", "Inactive", MADE), ("B", "Active", MADE)], ["B", "A"]),
        (slots(("true", MADE), ("true", MADE)),
         [("A", "Active", MADE), ("B", "Active", MADE)], [None, None]),
        (slots(("true", MADE), ("true", MADE)), [("A", "Active", MADE)], [None, None]),
    ],
)  # fmt: skip
def test_a_key_has_an_id_only_where_it_is_the_only_one(tmp_path, cells, keys, ids):
    """Creation time and status join a slot with an ID, and only where nothing else would fit."""
    files = {"r.csv": table(root(), row(**cells)), "k.json": listed(*keys)}
    (ann,) = account_of(tmp_path, files).users
    assert [key.key_id for key in ann.report_entry.keys] == ids


def test_slots_that_hold_nothing_are_no_keys(tmp_path):
    """A key is what has a status or a date; an inactive key with its date is one, N/A is none."""
    cells = slots(("false", MADE)) | {"cert_2_active": "true"}
    (ann,) = account_of(tmp_path, {"r.csv": table(root(), row(**cells))}).users
    assert [(key.slot, key.active) for key in ann.report_entry.keys] == [(1, False)]
    assert [each.slot for each in ann.report_entry.certificates] == [2]


def test_an_unreadable_slot_is_a_key_that_may_be(tmp_path):
    """Damage never makes a key disappear."""
    text = table(root(), row(access_key_2_active="?", cert_1_last_rotated="?"))
    (ann,) = account_of(tmp_path, {"r.csv": text}).users
    assert [(key.slot, key.active) for key in ann.report_entry.keys] == [
        (2, MissingValue.UNREADABLE)
    ]
    assert [each.slot for each in ann.report_entry.certificates] == [1]

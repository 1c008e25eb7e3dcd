"""A window is searched once, and gives the same in every file that has it."""

import base64

from analyzer.archives.budget import Budget, Cost
from analyzer.leaks.detect import window_search
from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.window_search import search_window
from analyzer.leaks.model import CredentialPart
from tests.archives.archive_material import a_zip
from tests.leaks.leak_material import key_id, secret

PAIRS = [f"[p{n}]\nkey = {key_id(n=n)}\naws_secret_key = {secret(n)}\n\n" for n in range(1, 60)]
FILLER = "".join(f"a line that says nothing, number {number}\n" for number in range(60))


def lines_of_keys(text):
    """Each key ID with the line on which it was found, and whether its secret was, too."""
    return {
        each.key_id: (each.line, each.digest is not None)
        for each in scan_bytes(text.encode()).sightings
        if each.part is CredentialPart.ID
    }


def test_the_same_window_is_searched_once(monkeypatch):
    """The second time, what it gave is remembered."""
    calls: list[str] = []
    monkeypatch.setattr(window_search, "find_candidates", lambda text, _: calls.append(text) or [])
    window = b"aws_secret_key = nothing that was ever searched before\n"
    assert search_window(window) == search_window(bytes(bytearray(window)))
    assert len(calls) == 1


def test_each_value_is_there_once_a_line():
    """Of the layers that show it, in the plainest: the others are of no use to any file."""
    text = f'path = "C:\\\\logs{"x" * 20}"\n{PAIRS[0]}'
    found = search_window(text.encode())
    assert found.layers > 1
    assert [(each.line, each.layer) for each in found.placed] == [(3, 0), (4, 0)]


def test_lines_and_pairs_are_right_across_all_windows():
    """In a text of many windows each key has its own line and its own secret."""
    text = "".join(pair + FILLER for pair in PAIRS)
    found = lines_of_keys(text)
    assert len(found) == len(PAIRS)
    for number, pair in enumerate(PAIRS):
        line = text[: text.index(pair)].count("\n") + 2
        assert found[key_id(n=number + 1)] == (line, True)


def test_a_second_version_gives_the_same_on_other_lines():
    """What is remembered has no line of the first file."""
    text = "".join(pair + FILLER for pair in PAIRS)
    first, second = lines_of_keys(text), lines_of_keys("one line more\n" + text)
    assert {key: (line + 1, has) for key, (line, has) in first.items()} == second


def test_what_is_remembered_costs_its_budget_again():
    """How much a file may cost does not depend on what was scanned before it."""
    found = search_window(PAIRS[0].encode())
    assert found.cost.layers == found.layers == 1
    assert Budget(layers_left=1).charge_cost(found.cost)
    tight = Budget(layers_left=0)
    assert not tight.charge_cost(found.cost)
    assert tight.exceeded == ("holds more encoded texts than are looked at",)


def test_each_unit_of_a_cost_has_its_limit():
    """What is not left of any of them is refused; else all are charged."""
    cost = Cost(10, 1, 2, 3, 4)
    for short in (
        {"bytes_left": 9},
        {"layers_left": 0},
        {"edits_left": 1},
        {"members_left": 2},
        {"unpacked_left": 3},
    ):
        budget = Budget(**short)
        assert not budget.charge_cost(cost)
        assert len(budget.exceeded) == 1
    budget = Budget()
    before = budget.left
    assert budget.charge_cost(cost)
    assert before.beyond(budget.left) == cost


def test_what_a_zip_file_in_a_window_unpacks_to_is_paid_for_by_the_content():
    """However many windows have one, all of them share the content's budget."""
    packed = base64.b64encode(a_zip({"a.txt": PAIRS[0].encode() * 20}))
    found = search_window(b"archive = " + packed + b"\n")
    assert found.placed
    assert found.cost.unpacked >= len(PAIRS[0]) * 20
    tight = Budget(unpacked_left=found.cost.unpacked - 1)
    assert not tight.charge_cost(found.cost)

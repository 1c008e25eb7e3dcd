"""What deltas copy, and what is noted of their bases: against dulwich's own, and on git's packs."""

import pytest
from dulwich.pack import apply_delta, create_delta
from hypothesis import given
from hypothesis import strategies as st

from analyzer.git.base_notes import BaseNotes, copied_runs
from analyzer.git.object_store import iter_objects, open_store
from tests.git.delta_material import BASE, COPIES, INSERTS, Copy, Insert, delta_of
from tests.git.git_material import edited, fill, objects_of
from tests.hypothesis_profiles import examples
from tests.leaks.leak_material import repository


@examples(2)
@given(st.lists(COPIES | INSERTS, max_size=12))
def test_runs_are_all_that_a_delta_copies(operations):
    """In order, each byte once, from where they say; the rest is what it inserts."""
    delta, made = delta_of(*operations)
    assert apply_delta(BASE, delta)[0] == made, "the delta is one"
    runs = copied_runs(delta, len(made))
    for run in runs:
        assert made[run.begin : run.end] == BASE[run.source :][: run.end - run.begin]
    borders = [place for run in runs for place in (run.begin, run.end)]
    assert borders == sorted(borders)
    copied = sum(each.length for each in operations if isinstance(each, Copy))
    assert sum(run.end - run.begin for run in runs) == copied


def test_copies_that_go_on_are_one_run():
    """Git writes no copy of more than 64 KB, so that a long run takes several."""
    delta, made = delta_of(
        Insert(b"new"), Copy(16, 0x10000), Copy(16 + 0x10000, 4096), Copy(9, 100), Insert(b"x")
    )
    runs = copied_runs(delta, len(made))
    assert runs == [(3, 69_635, 16), (69_635, 69_735, 9)]


def test_a_run_goes_on_over_nothing_that_was_inserted():
    """What stands between two copies is new, though the base goes on behind it as before."""
    delta, made = delta_of(Copy(0, 1000), Insert(b"!"), Copy(1000, 1000))
    assert [tuple(run) for run in copied_runs(delta, len(made))] == [
        (0, 1000, 0),
        (1001, 2001, 1000),
    ]
    delta, made = delta_of(Copy(0, 1000), Insert(b"!"), Copy(1001, 1000))
    assert [tuple(run) for run in copied_runs(delta, len(made))] == [
        (0, 1000, 0),
        (1001, 2001, 1001),
    ]


def test_short_runs_are_left_out_where_they_are_of_no_use():
    """But count before they are: two halves of a long one are one."""
    delta, made = delta_of(Copy(0, 300), Copy(300, 300), Insert(b"!"), Copy(0, 511))
    assert copied_runs(delta, len(made), 512) == [(0, 600, 0)]


def test_a_delta_of_another_size_has_no_runs():
    """Nothing is believed of what does not make the object at hand."""
    delta, made = delta_of(Copy(0, 1000))
    assert copied_runs(delta, len(made) + 1) == []


def test_a_delta_that_breaks_off_has_no_runs():
    """No object is made of it, and what is at hand is searched as a whole."""
    delta, made = delta_of(Copy(0, 1000), Insert(b"new"), Copy(0x1234, 0x2345))
    assert copied_runs(delta, len(made))
    assert [copied_runs(delta[:end], len(made)) for end in range(len(delta))] == [[]] * len(delta)


@pytest.mark.parametrize("seed", range(3))
def test_what_git_and_dulwich_write_is_read(seed):
    """Deltas of an encoder that is not ours."""
    after = edited(edited(BASE, seed), seed + 40)[1000:]
    delta = b"".join(create_delta(BASE, after))
    copied = bytearray(b"?" * len(after))
    for run in copied_runs(delta, len(after)):
        copied[run.begin : run.end] = BASE[run.source :][: run.end - run.begin]
    assert copied.count(b"?") < len(after) / 100
    assert all(ours in (theirs, ord("?")) for ours, theirs in zip(copied, after, strict=True))


def test_each_version_in_a_pack_of_git_has_the_note_on_its_base(tmp_path):
    """The base that the note is on makes the version, by the delta that comes with it."""
    repo = repository(tmp_path / "repo")
    fill(repo, commits=40, size=20_000, files=2)
    repo.git("repack", "-adfq", "--depth=50")
    store, notes, bodies = open_store(objects_of(repo)), BaseNotes(), []
    with_base = 0
    for work_range in store.work_ranges():
        for each in iter_objects(store, work_range, None, notes):
            oid, kind, body = each
            if kind != "blob":
                continue
            if notes.base is not None:
                with_base += 1
                (place,) = notes.base
                assert apply_delta(bodies[place], notes.delta)[0] == body, oid
            notes.keep((len(bodies),))
            bodies.append(body)
    assert with_base >= 30, "nearly all are versions of one that came before"


def test_an_object_on_which_nothing_was_noted_has_no_note():
    """Its slot may have been another's, on which something was."""
    notes = BaseNotes()
    notes.turn_to(3, -1, b"", 100_000)
    notes.keep((7,))
    notes.turn_to(4, 3, b"delta", 100_000)
    assert notes.base == (7,)
    notes.turn_to(3, -1, b"", 100_000)
    notes.turn_to(4, 3, b"delta", 100_000)
    assert notes.base is None


def test_the_slot_of_a_base_may_be_that_of_its_last_version():
    """The note is taken before the slot is emptied for the version."""
    notes = BaseNotes()
    notes.turn_to(0, -1, b"", 100_000)
    notes.keep((7,))
    notes.turn_to(0, 0, b"delta", 100_000)
    assert (notes.base, notes.delta) == ((7,), b"delta")


def test_a_long_delta_is_not_worth_its_reading():
    """What it leaves is searched in less time."""
    notes = BaseNotes()
    notes.turn_to(0, -1, b"", 100_000)
    notes.keep(())
    notes.turn_to(1, 0, bytes(4000), 100_000)
    assert (notes.base, notes.delta) == (None, b"")

"""In: seconds of two programs. Out: whether a bound is met, and what a run costs."""

import sys
from pathlib import Path

import pytest

from tests.benchmarks.package_histories import read_histories
from tests.benchmarks.process_costs import Cost, median, run
from tests.benchmarks.scan_speed import cells, list_rows
from tests.benchmarks.speed_bounds import KINGFISHER, PYTHON, RIPGREP, Kind, judgement


@pytest.mark.parametrize(
    ("kind", "program", "theirs", "bound"),
    [
        (Kind.HISTORY, KINGFISHER, 4.0, 1.4),
        (Kind.HISTORY, KINGFISHER, 2.0, 1.4),
        (Kind.HISTORY, KINGFISHER, 0.5, 0.6),
        (Kind.TREE, KINGFISHER, 4.0, 2.0),
        (Kind.TREE, RIPGREP, 2.0, 2.6),
        (Kind.FEW_FILES, PYTHON, 0.25, 0.4),
    ],
)
def test_a_bound_is_met_up_to_its_figure(kind, program, theirs, bound):
    """What Kingfisher needs over two seconds for has the tightest share; the start is excused."""
    assert judgement(kind, program, bound - 0.001, theirs) == f"met, {bound:.2f} s"
    assert judgement(kind, program, bound + 0.001, theirs) == f"NOT met, {bound:.2f} s"


@pytest.mark.parametrize(
    ("kind", "program"), [(Kind.HISTORY, "gitleaks"), (Kind.FEW_FILES, KINGFISHER)]
)
def test_a_program_without_a_bound_is_not_judged(kind, program):
    """The table leaves the cell empty."""
    assert judgement(kind, program, 9.0, 1.0) == ""


def test_each_figure_has_its_own_median():
    """The run of the median wall time need not be that of the median CPU time."""
    assert median([Cost(1, 9), Cost(2, 7), Cost(3, 8)]) == Cost(2, 8)


def test_the_time_of_children_counts():
    """A process that only waits for another has the other's CPU time."""
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    waits = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert run([sys.executable, "-c", waits]).cpu >= 0.2


def test_a_program_that_fails_ends_the_benchmark():
    """A figure of a run that went wrong would be no figure; what it complained of is shown."""
    with pytest.raises(SystemExit, match="oh no"):
        run([sys.executable, "-c", "import sys; print('oh no', file=sys.stderr); sys.exit(7)"])


def test_a_line_of_the_table_has_ours_then_theirs_then_the_shares():
    """Shares are ours by theirs; the bounds come last, of wall time first."""
    line = cells(Kind.HISTORY, KINGFISHER, Cost(1.0, 3.0), Cost(4.0, 6.0))
    assert line[:7] == (KINGFISHER, "1.00", "3.00", "4.00", "6.00", "0.25", "0.50")
    assert line[7:] == ("met, 1.40 s", "NOT met, 2.10 s")


def test_each_row_can_be_asked_for_by_its_name():
    """No name is the start of another, so that one row can be measured alone."""
    names = [row.name for row in list_rows(read_histories(), [Path("some/repository")])]
    assert len(names) == len(read_histories()) + 4
    assert not [one for one in names for other in names if one != other and one.startswith(other)]

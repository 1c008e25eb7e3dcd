"""What a scan is asked, and what its paths are called."""

from pathlib import Path

from analyzer.leaks.options import Detectors, ScanOptions, display_names


def test_nothing_asked_is_everything_looked_at():
    """History too, by our own detectors, without a cache."""
    options = ScanOptions()
    assert (options.history, options.staged, options.detectors) == (True, False, Detectors.AWS)
    assert (options.cache, options.baseline, options.standard_input) == (None, None, None)


def test_a_path_is_called_by_its_own_name():
    """A report is the same wherever the repository lay."""
    assert display_names([Path("/srv/shop"), Path("/home/ann/infra")]) == {
        Path("/home/ann/infra"): "infra",
        Path("/srv/shop"): "shop",
    }


def test_paths_that_share_a_name_are_called_as_given():
    """Two checkouts called `app` must not look like one."""
    paths = [Path("red/app"), Path("blue/app")]
    assert list(display_names(paths).values()) == ["blue/app", "red/app"]


def test_the_folder_where_one_stands_has_a_name(monkeypatch, tmp_path):
    """And a dot is none."""
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert display_names([Path()]) == {Path(): "shop"}


def test_a_name_that_is_no_text_is_written_out():
    """A byte that is no UTF-8 shows as its number."""
    assert display_names([Path("a\udcff")]) == {Path("a\udcff"): r"a\xff"}


def test_a_path_given_twice_counts_once():
    """Sorted, too."""
    assert list(display_names([Path("b"), Path("a"), Path("b")])) == [Path("a"), Path("b")]

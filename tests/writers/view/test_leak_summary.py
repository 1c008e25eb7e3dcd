"""What the report says of all leaked credentials in sum, and of the keys that nobody saw."""

import re

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.writers import html
from analyzer.writers.view.leaks import leak_summary
from tests.builders import REPORT, account
from tests.writers.leaked_report import REPOSITORY, candidate, inferred, joined, leak, plain, unseen


def summary(page):
    """What the top of the report says of leaks."""
    start = page.index('<section class="toll">')
    return plain(page[start : page.index("</section>", start)])


def keys(page):
    """What the section on keys that nobody saw says."""
    start = page.index('<section class="unseen">')
    return plain(page[start : page.index("</section>", start)])


def test_the_summary_counts_by_severity_and_tells_the_worst(drawn):
    """How many, how many may still work, of how many users, for how long."""
    page = drawn(
        leak(1, severity="critical", exposure={"days": 7}),
        leak(2, owner=inferred(candidate("bob"))),
        leak(3, status="deleted", exposure={"open": False, "at_most": True}),
    )
    text = summary(page)
    assert "3 credentials in the repositories: 1 critical, 2 high. 2 may still work." in text
    assert "2 are of 1 user. Of 1 the owner is not known for certain." in text
    assert "The longest lay open for at least 100 days." in text
    assert "user ann, active Whoever has it can read stored data." in text
    assert "owner not known for certain, active If it is of user ann" in text


def test_the_summary_is_silent_on_figures_that_nobody_has(report):
    """Nothing dated, nobody named, nothing that works."""
    dead = leak(status="deleted", owner=inferred(), exposure={"days": None, "open": False})
    found = leak_summary(joined(report, dead))
    assert (
        found.possibly_active,
        found.users,
        found.without_certain_owner,
        found.longest_exposed,
    ) == (0, 0, 1, None)
    assert leak_summary(joined(report)) is None


def test_one_credential_is_spoken_of_as_one(drawn):
    """And none at all is not said where one was found."""
    dead = leak(status="deleted", exposure={"open": False, "at_most": True})
    assert "It works no more, as far as the exports tell." in summary(drawn(dead))
    assert "None of them works any more" in summary(drawn(dead, leak(2) | dead))
    assert "None was found in what was scanned, which is no proof" in summary(drawn())


def test_where_nothing_was_scanned_the_summary_says_so(page, drawn):
    """Which is not the same as nothing found."""
    assert "No repository was handed in, so nobody asked whether keys lie in code." in summary(page)
    assert "No repository was handed in, so no key was looked for." in keys(page)
    assert "No repository was handed in" not in summary(drawn())


def test_keys_that_nobody_saw_are_listed_and_not_called_safe(drawn):
    """Those that nobody could look for come first and say so."""
    skipped = REPOSITORY | {"skipped": [{"what": "x", "reason": "too large", "bytes": 9}]}
    found = [unseen("ann"), unseen("bob", compared=False)]
    text = keys(drawn(keys=found, repositories=[skipped]))
    assert "That does not make them safe: only shop was looked through, 1,234 objects" in text
    assert "and 1 thing was skipped" in text
    first = text.index("could not be looked for: no export names its ID")
    assert text.index("bob") < first < text.index(unseen("ann")["key_id"])
    assert re.search(r"bob key 1 2026-05-01 40 could not be looked for", text)
    assert "yes, not found" in text
    # Of the one that could not be looked for, more would be too much.
    assert "none of them is known to be in what was scanned" in text
    assert "The exports list no other key that is on." in text


def test_where_no_export_lists_keys_none_is_said_to_be_unseen(drawn, tmp_path):
    """An account of which only the policies were handed in can have any number of keys."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "readme").write_text("hello")
    case, shop = account().user("ann"), tmp_path / "shop"
    found = {}
    for name, given in (
        ("both", case),
        ("policies", case.without(REPORT)),
        ("list", case.without(REPORT).listed_key(unseen("ann")["key_id"])),
    ):
        exports = given.write(tmp_path / name)
        made = audit(Settings(inputs=(exports,), repositories=(shop,)))
        found[name] = made["accounts"][0]["keys_not_seen"]
        if name == "policies":
            told = keys(html.render(made).decode())
            assert "Not assessed: no export of this account lists its keys." in told
            assert "list no other key" not in told
    assert (found["both"], found["policies"], len(found["list"])) == ([], None, 1)


def test_a_long_list_of_keys_that_nobody_saw_is_cut_and_says_so(drawn):
    """The rest stands in report.json."""
    text = keys(drawn(keys=[unseen(f"u{n}", n=n) for n in range(301)]))
    assert "Showing 300 of 301; report.json has the rest." in text

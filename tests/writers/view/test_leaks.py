"""The page of a leaked credential: whose, does it live, since when, what it opens, what to do."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from analyzer.writers import html
from analyzer.writers.view.leaks import (
    doubtful_leaks,
    exposure_sentence,
    leaks_with_page,
    status_sentence,
    worst_case_sentence,
)
from tests.writers.leaked_report import (
    CELL,
    DOUBTFUL,
    NUMBER,
    SPOT,
    arn,
    candidate,
    inferred,
    joined,
    leak,
    on,
    plain,
    step,
    unseen,
)

SCHEMA = Path(html.__file__).with_name("report.schema.json")
DOUBT = "It counts as active."
NOT_CERTAIN = "It was likely rotated, but that is not certain"
WAY = [step("user/ann", "role/ci", "assumes role ci")]


@pytest.fixture(scope="module")
def told(drawn):
    """The page of one credential, as text."""

    def of(**changes):
        page = drawn(leak(**changes))
        start = page.index('<article class="leak')
        return plain(page[start : page.index("</article>", start)])

    return of


def test_what_these_tests_are_made_of_keeps_the_schema(report):
    """Otherwise they would test pages that no run makes."""
    many = [
        leak(1),
        leak(2, owner=inferred(candidate("bob"))),
        leak(3, blast_radius={"route": WAY}),
    ]
    whole = joined(report, *many, keys=[unseen("eve"), unseen("bob", compared=False)])
    jsonschema.validate(whole, json.loads(SCHEMA.read_text()))


def test_each_has_a_page_that_contents_and_summary_lead_to(drawn):
    """By its ID, so that a ticket can point at it."""
    page = drawn(leak(1), leak(2, key_id=None, kind="bedrock-api-key"))
    for found in (leak(1), leak(2)):
        assert page.count(f'<article class="leak of-high" id="credential-{found["id"]}"') == 1
        for before, after in (
            ('<nav class="contents"', "</nav>"),
            ('<section class="toll">', "</section>"),
        ):
            part = page[page.index(before) :]
            assert f'href="#credential-{found["id"]}"' in part[: part.index(after)]


def test_what_is_most_likely_harmless_gets_no_page(drawn):
    """It is listed, with the reason."""
    page = drawn(leak(1, set_aside="an example", exposure={"what": DOUBTFUL}, severity="info"))
    assert '<article class="leak' not in page
    assert "Most likely no live credential: an example." in plain(page)
    assert "None but what is most likely no live credential was found in what was scanned" in plain(
        page
    )


def test_what_has_a_page_is_told_by_what_is_exposed(report):
    """Not by a mark that somebody could write beside a live key."""
    whole = joined(report, leak(1, set_aside="x:y"), leak(2, exposure={"what": DOUBTFUL}))
    assert [each["id"] for each in leaks_with_page(whole)] == [leak(1)["id"]]
    assert [each["id"] for each in doubtful_leaks(whole)] == [leak(2)["id"]]


def test_the_gravest_have_pages_and_the_others_are_still_there(drawn):
    """A thousand pages help nobody; a line says how many are short."""
    page = drawn(*(leak(n) for n in range(103)))
    assert page.count('<article class="leak ') == 100
    assert page.count('<article class="credential ') == 3
    assert "The 100 gravest have a page each; the other 3 stand behind them" in plain(page)


def test_no_link_leads_to_what_was_cut(drawn):
    """A mark of a credential beyond the last one shown names it, and no more."""
    harmless = {"set_aside": "an example", "exposure": {"what": DOUBTFUL}}
    marks = [{"by": "comment", "credential": leak(n)["id"], "reason": "x"} for n in (0, 1000)]
    page = drawn(*(leak(n, **harmless) for n in range(1001)), marks=marks)
    assert "Showing 1,000 of 1,001; report.json has the rest." in plain(page)
    marked = page.partition('id="suppressions"')[2].partition("</table>")[0]
    assert [each in marked for each in (leak(0)["key_id"], leak(1000)["key_id"])] == [True, True]
    assert re.findall(r'href="#credential-([^"]+)"', marked) == [leak(0)["id"]]


def test_an_owner_whom_an_export_names_is_told_with_its_proof(told):
    """The user, the sentence, and the cell."""
    text = told()
    assert "User ann : list-access-keys names the key and its user." in text
    assert f"Of account {NUMBER}, which this report audits." in text
    assert "row 7, column access_key_1_active" in text


def test_an_owner_whom_nobody_names_is_never_called_one(told):
    """A ranked list with reasons, and what the score is not."""
    bob = candidate("bob", 4, "key 1 is active", "the author of a commit is Bob", holds_it=False)
    text = told(owner=inferred(bob, candidate("<root_account>", 0), excluded=2))
    assert "Not known for certain : no export names the key" in text
    assert "it is no probability" in text
    assert "2 others are ruled out by the dates" in text
    assert re.search(r"bob \d* ?4 no Key 1 is active; the author of a commit is Bob\.", text)
    assert re.search(r"the root user \d* ?0 yes \u2013", text)
    assert "Reckoned for whoever gets farthest of those who could own it, user ann" in text


def test_the_sentence_for_a_manager_is_no_surer_than_owner_and_life():
    """What a candidate could do is said with an if, and what is over as what was."""
    assert worst_case_sentence(leak()) == "Whoever has it can read stored data."
    doubtful = leak(owner=inferred(candidate("ann")))
    assert (
        worst_case_sentence(doubtful)
        == "If it is of user ann, whoever has it can read stored data."
    )
    gone = leak(status="deleted", exposure={"open": False})
    assert (
        worst_case_sentence(gone)
        == "It opens nothing any more. While it did: whoever has it can read stored data."
    )
    off = leak(status="inactive", exposure={"open": False})
    assert worst_case_sentence(off).startswith(
        "It is switched off. If somebody switches it on: whoever"
    )
    told_by_file = leak(blast_radius={"owner_proven": False})
    assert worst_case_sentence(told_by_file).startswith("If it is of user ann, whoever")
    root = {
        "principal": arn("root"),
        "worst_case": "If it is root's, whoever has it can do everything.",
    }
    assert worst_case_sentence(leak(owner=inferred(), blast_radius=root)) == root["worst_case"]


def test_a_long_list_of_candidates_is_cut_and_says_so(told):
    """Both what the page leaves out and what the document itself does."""
    many = [candidate(f"u{n}") for n in range(30)]
    all_named = told(owner=inferred(*many))
    assert "Showing 25 of 30. The document report.json names all of them." in all_named
    some_named = told(owner=inferred(*many, more=50))
    assert "Showing 25 of 80. The document report.json names the first 30." in some_named


def test_candidates_for_whom_nothing_speaks_are_counted_but_not_ruled_out(told):
    """They stand in the table only where there is nobody else."""
    idle = [candidate(f"idle{n}", 0, holds_it=False) for n in range(3)]
    text = told(owner=inferred(candidate("bob"), *idle, more=7))
    assert "idle0" not in text
    assert "Showing 1 of 11. For the others nothing speaks" in text
    assert "still, nothing rules them out." in text
    assert "idle2" in told(owner=inferred(*idle))


def test_of_candidates_whom_the_document_leaves_out_nothing_is_claimed(told):
    """The last one named still has something that speaks for it, so the next may have, too."""
    text = told(owner=inferred(candidate("bob"), candidate("eve"), more=7))
    assert "Showing 2 of 9. The document" in text
    assert "For the others" not in text


@pytest.mark.parametrize(
    ("word", "is_certain", "said"),
    [
        ("active", True, "It is active: so say the files."),
        ("inactive", True, "It is inactive: so say the files."),
        ("deleted", True, "It was deleted: so say the files."),
        ("rotated", False, f"{NOT_CERTAIN}: so say the files. {DOUBT}"),
        ("unknown", True, f"Nobody can tell: so say the files. {DOUBT}"),
    ],
)  # fmt: skip
def test_the_status_is_never_more_certain_than_the_files(word, is_certain, said):
    """Likely is not certain, and what nobody knows counts as active."""
    proof = {"reason": "so say the files", "certain": is_certain}
    is_over = is_certain and word not in ("active", "unknown")
    assert (
        status_sentence(leak(status=word, status_evidence=proof, exposure={"open": not is_over}))
        == said
    )


SPAN = "100 days, from 2026-03-01 to"
OVER = "the report of 2026-06-09: on which day it ended, no export tells."


@pytest.mark.parametrize(
    ("word", "is_open", "at_most", "said"),
    [
        (
            "active",
            True,
            False,
            f"At least {SPAN} the report of 2026-06-09, and it may still go on.",
        ),
        (
            "rotated",
            True,
            False,
            f"At least {SPAN} the report of 2026-06-09, and it may still go on.",
        ),
        ("deleted", False, True, f"At most {SPAN} {OVER}"),
        ("inactive", False, False, f"{SPAN} 2026-06-09, when it ended."),
        ("expired", False, False, f"{SPAN} 2026-06-09, when it ran out."),
    ],
)
def test_how_long_it_lay_open_is_told_with_its_doubt(word, is_open, at_most, said):
    """At least where it may go on, at most where it certainly ended and no file tells when."""
    found = leak(status=word, exposure={"open": is_open, "at_most": at_most})
    assert exposure_sentence(found) == said


@pytest.mark.parametrize(
    ("known", "said"),
    [({"since": None, "days": None}, "nothing dates the leak"),
     ({"until": None, "days": None}, "Since 2026-03-01; nothing tells until when."),
     ({"until": "2026-02-01T00:00:00Z", "days": 0}, "after the exports were made"),
     ({"days": 1}, "At least 1 day, from"), ({"days": 1200}, "At least 1,200 days, from")],
)  # fmt: skip
def test_what_nothing_dates_is_not_counted(known, said):
    """No figure is made up."""
    assert said in exposure_sentence(leak(exposure=known))


def test_a_commit_that_claims_to_be_older_than_the_key_is_told(told):
    """The days begin with the key."""
    dates = [on("2026-01-01", "leaked"), on("2026-03-01", "created"), on("2026-06-09", "report")]
    assert "the days begin with the key." in told(timeline=dates)
    assert "the days begin with the key." not in told()


def test_what_holds_only_under_conditions_is_never_shown_as_sure(told):
    """Roles, deeds and the steps of a way alike."""
    text = told(
        blast_radius={
            "level": "administrator under conditions",
            "reasons": ["a network that no file names"],
            "route": [step("user/ann", "role/ci", "assumes role ci", is_certain=False)],
            "roles": [{"role": arn("role/certain"), "via": arn("user/ann"), "certain": True},
                      {"role": arn("role/possible"), "via": arn("user/ann"), "certain": False}],
            "capabilities": [{"text": "read stored data", "certain": False, "places": [CELL]},
                      {"text": "send mail", "certain": True, "places": [CELL]}],
        },
    )  # fmt: skip
    assert "role possible, by user ann (only under conditions)" in text
    assert "role certain, by user ann role possible" in text
    certain, possible = text.index("Whoever has it can: send mail"), text.index("Perhaps also")
    assert certain < possible < text.index("read stored data", possible)
    assert "The shortest way that may lead to full rights" in text
    assert "assumes role ci (under conditions)" in text
    assert "Depends on: a network that no file names." in text


def test_roles_that_are_not_listed_are_counted(told):
    """Those that the page leaves out, and those that the document does."""
    roles = [
        {"role": arn(f"role/r{n}"), "via": arn("user/ann"), "certain": True} for n in range(41)
    ]
    assert "and 1 more, in report.json" in told(blast_radius={"roles": roles})
    assert "and 8 more " in told(blast_radius={"roles": roles, "more_roles": 7})


def test_what_rests_on_the_repository_alone_says_so(told):
    """Anybody can write a user's name beside a key."""
    said = "This rests on what the repository says of its owner, so it may be more."
    assert said in told(blast_radius={"owner_proven": False})
    assert said not in told()


def leaks_chapter(page):
    """The chapter of leaked credentials alone."""
    return page.partition('id="leaks"')[2].partition('id="power"')[0]


def test_the_way_to_full_rights_is_drawn(drawn):
    """As in the chapter of privileged access."""
    page = drawn(
        leak(blast_radius={"level": "several steps from administrator", "route": WAY, "paths": 1})
    )
    (picture,) = re.findall(r'<svg class="ways".*?</svg>', leaks_chapter(page), re.DOTALL)
    assert leak()["key_id"] in picture
    assert "user ann assumes role ci." in picture
    assert '<article class="leak' in page
    assert 'class="ways"' not in leaks_chapter(drawn(leak()))


def test_a_way_under_conditions_that_ends_with_an_administrator_certainly_ends(report, drawn):
    """The one doubt is the first step."""
    whole = next(each for each in report["accounts"] if each["id"] == NUMBER)
    admin = next(each for each in whole["privileged"] if each["level"] == "administrator")
    name = admin["principal"].partition(f"{NUMBER}:")[2]
    way = [step("user/ann", name, "takes it", is_certain=False)]
    page = drawn(leak(blast_radius={"level": "administrator under conditions", "route": way}))
    picture = leaks_chapter(page).partition('class="ways"')[2].partition("</svg>")[0]
    assert ">has full</text>" in picture
    assert ">may have</text>" not in picture


def test_what_to_do_stands_in_its_order_with_commands_to_copy(drawn):
    """One command a block, whole."""
    page = drawn(leak())
    steps = page.partition('<ol class="remedy">')[2].partition("</ol>")[0]
    assert re.findall(r"<li>(.*?)\n", steps) == [each["reason"] for each in leak()["steps"]]
    assert re.findall(r"<pre>(.*?)</pre>", steps) == ["aws iam first", "aws iam second"]


def test_what_ties_a_repository_to_the_account_is_shown(told):
    """The ID that only AWS gives out, whose it is, and where it stands."""
    proof = {"account": NUMBER, "holder": "role ci", "unique_id": "AROAEXAMPLE", "place": SPOT}
    text = told(account_links=[proof] * 41)
    assert f"AROAEXAMPLE is the ID of role ci in account {NUMBER}" in text
    assert "deploy.env:1" in text
    assert "and 1 more, in report.json" in text

"""report.html: complete, sealed, readable without scripts, and safe whatever a name holds."""

import base64
import copy
import hashlib
import re
import shutil
from html.parser import HTMLParser

import pytest
from playwright.sync_api import sync_playwright

from analyzer.writers import html
from tests.writers.leaked_report import (
    DOUBTFUL,
    REPOSITORY,
    SPOT,
    candidate,
    inferred,
    joined,
    leak,
    unseen,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
HOSTILE = {
    "script": "</script><script>document.title='run'</script>",
    "handler": '"><img src=x onerror="document.title=1">',
    "style": "</style><style>*{display:none}",
    "template": "{{ 7 * 7 }}{% raw %}",
    "reversed": "ann\u202egpj.exe",
    "control": "ann\x00\x1b[31m\r\n",
    "half": "ann\ud800",
    "long": "x" * 10_000,
}


class Seen(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep the text."""
        self.text.append(data)


def with_name(report, name):
    """The report with the first finding, user and file called like that."""
    changed = copy.deepcopy(report)
    changed["findings"][0] |= {"resource": name, "observed": name}
    changed["findings"][0]["fix"]["commands"] = [name]
    changed["accounts"][0]["alias"] = name
    changed["accounts"][0]["population"]["users"][0]["user"] = name
    changed["evidence"][0] |= {"path": name, "notes": [name]}
    changed["problems"] = [{"where": name, "what": name, "remedy": name}]
    return joined(
        changed,
        hostile(1, name),
        hostile(2, name, owner=inferred(candidate(name, 1, name))),
        hostile(3, name, exposure={"what": DOUBTFUL}, key_id=None),
        repositories=[REPOSITORY | {"path": name, "skipped": [{"what": name, "reason": name,
                                                              "bytes": 1}]}],
        keys=[unseen(name), unseen(name, compared=False)],
    )  # fmt: skip


def hostile(n, name, **changes):
    """A leaked credential in which every text that strangers write is called like that."""
    spot = SPOT | {"repository": name, "path": name}
    made = leak(n, set_aside=name, pairing=name, **changes)
    made["owner"] |= {"reason": name, "places": [spot]}
    made["owner"]["user"] = made["owner"]["user"] and name
    made["status_evidence"]["reason"] = name
    made["facts"] |= {"region": name, "proven": name, "label": name}
    made["blast_radius"] |= {
        "level": "administrator under conditions",
        "principal": name,
        "worst_case": name,
        "reasons": [name],
        "route": [
            {
                "principal": name,
                "path": name,
                "action_text": name,
                "on": name,
                "target": name,
                "certain": False,
            }
        ],
        "roles": [{"role": name, "via": name, "certain": True}],
        "capabilities": [{"text": name, "certain": True, "places": [spot]}],
    }
    made["steps"] = [{"reason": name, "command": name}]
    made["account_links"] = [
        {"account": "1" * 12, "holder": name, "unique_id": name, "place": spot}
    ]
    made["occurrences"] = [
        made["occurrences"][0] | spot | {"author": name, "encoding": name, "doubt": name}
    ]
    return made  # fmt: skip


def shapes(page):
    """Every tag but the lines of words in a drawing, of which a long name takes more."""
    return [tag for tag, _ in Seen(page).tags if tag != "text"]


def test_the_page_says_what_the_report_says(page, report, catalogue):
    """Score with grade and coverage, every practice, every failing check with all its places."""
    text = "".join(Seen(page).text)
    score = report["score"]
    assert re.search(rf"{score['value']}.*{score['grade']}.*{score['coverage']}", text, re.DOTALL)
    for chapter in catalogue.chapters:
        assert chapter.title in text
    for finding in report["findings"]:
        assert finding["title"] in text
        assert finding["observed"] in text
        assert finding["resource"] in text


def test_every_finding_can_be_linked_to(page, report):
    """By its fingerprint, so that a ticket can point at it."""
    ids = {attributes.get("id", "") for _, attributes in Seen(page).tags}
    for finding in report["findings"]:
        assert any(finding["fingerprint"] in name for name in ids)


def test_every_link_leads_somewhere(page):
    """Inside the page, and no two places share an id."""
    tags = Seen(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    targets = {a["href"] for tag, a in tags if tag == "a" and "href" in a}
    assert {target for target in targets if target[1:] not in set(ids)} == set()


def test_the_page_asks_for_nothing(page):
    """No script, no address of anything, and a policy that would allow none."""
    tags = Seen(page).tags
    assert "script" not in {tag for tag, _ in tags}
    for tag, attributes in tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = attributes.get(name) or ""
            assert not value or value.startswith(("#", "data:")), (tag, name, value)
        assert "style" not in attributes or tag == "svg"
        assert not any(name.startswith("on") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert not re.search(r"@import|url\((?!['\"]?data:)", style)


def test_the_policy_names_the_style_sheet_by_its_hash(page):
    """A style sheet that was slipped in would not be applied."""
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        attributes["content"]
        for tag, attributes in Seen(page).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_stays_text(report, catalogue, page, name):
    """Shown for what it is; the page has the same tags as with a good name."""
    made = html.render(with_name(report, name), catalogue).decode("utf-8")
    plain = html.render(with_name(report, "ann"), catalogue).decode("utf-8")
    assert shapes(made) == shapes(plain)
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", made)
    assert page


def test_the_same_report_gives_the_same_page(report, catalogue, page):
    """To the byte."""
    assert html.render(copy.deepcopy(report), catalogue).decode() == page


def test_thousands_of_findings_are_counted_and_the_cut_is_said(report, catalogue):
    """No table drops rows silently."""
    many = copy.deepcopy(report)
    first = next(each for each in many["findings"] if each["rule"] == "user-owner-unknown")
    many["findings"] += [
        {**first, "fingerprint": f"{number:032x}", "resource": f"arn:aws:iam::1:user/u{number}"}
        for number in range(1000)
    ]
    made = html.render(many, catalogue).decode()
    assert "findings.csv" in made
    assert made.count("arn:aws:iam::1:user/u") < 1000
    assert re.search(r"200 of 1[,.\u202f ]?006", "".join(Seen(made).text))


@needs_chromium
def test_a_browser_shows_it_and_asks_nobody(page, report, tmp_path):
    """Opened from the disk with scripts off, like a file from a mail."""
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(java_script_enabled=False)
        asked, faults = [], []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: faults.append(message.text))
        tab.goto(file.as_uri())
        shown = tab.inner_text("body")
        critical = next(each for each in report["findings"] if each["severity"] == "critical")
        low = next(each for each in report["findings"] if each["severity"] == "low")
        checks = tab.locator("article.of-low").first
        assert checks.is_visible()
        tab.get_by_role("checkbox", name=re.compile("low")).first.uncheck()
        assert not checks.is_visible()
        browser.close()
    assert str(report["score"]["value"]) in shown
    assert critical["title"] in shown
    assert low["title"] in shown
    assert asked == [file.as_uri()]
    assert faults == []


def test_the_summary_says_that_ages_are_lower_bounds(report, catalogue, page):
    """Only where nothing says when the files were made, and for which account."""
    changed = copy.deepcopy(report)
    changed["accounts"][0]["as_of_stated"] = False
    told = "".join(Seen(html.render(changed, catalogue).decode()).text)
    assert f"All ages in {changed['accounts'][0]['id']} are lower bounds" in told
    assert "lower bounds" not in "".join(Seen(page).text)

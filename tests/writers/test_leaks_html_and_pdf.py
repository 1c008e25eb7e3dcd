"""The page of a leaked credential as it is printed, and as a browser shows it."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from analyzer.writers.view.page import LONGEST
from tests.writers.leaked_report import leak, on, step

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
WAY = [step("user/ann", "role/ci", "assumes role ci")]


on_paper = pytest.mark.xdist_group("pdf")


@on_paper
def test_on_paper_each_begins_a_page_of_its_own(page_texts):
    """So that it can be handed to whoever has to act."""
    for number in (4, 5):
        name = leak(number)["key_id"]
        first = next(text for text in page_texts if "What to do now" in text and name in text)
        assert first.index(name) < 120
        assert first.index(name) < first.index("Whose it is")


@on_paper
def test_on_paper_the_pictures_have_their_names(paper):
    """As alternative text of tagged figures."""
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    told = {str(each["/Alt"]) for each in elements(root["/StructTreeRoot"]) if "/Alt" in each}
    assert f"The dates of {leak(4)['key_id']}" in told
    assert f"Way to full rights from {leak(4)['key_id']}" in told


def elements(node):
    """Every element of the structure below this one."""
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        found = child.get_object()
        if isinstance(found, dict) and "/S" in found:
            yield found
            yield from elements(found)


@on_paper
def test_on_paper_a_hostile_name_stays_text_and_is_cut(page_texts):
    """Markup, reversed text, half a letter, and a word that would take minutes to break."""
    text = "".join("".join(page_texts).split())
    assert "Administratorunderconditions." in text
    assert r"</p><script>\u202e\x00\ud800xxx" in text
    assert "x" * (LONGEST + 1) not in text


@needs_chromium
@pytest.mark.parametrize(
    ("width", "shown", "hidden"), [(1280, "wide", "narrow"), (400, "narrow", "wide")]
)
def test_a_browser_shows_one_timeline_and_no_word_on_another(drawn, tmp_path, width, shown, hidden):
    """With real letters, on a desk and on a telephone; the page itself never scrolls sideways."""
    same_day = [on("2026-03-01", "created"), on("2026-03-01", "leaked"),
                on("2026-03-01", "last place came in"), on("2026-06-08", "last used"),
                on("2026-06-09", "report")]  # fmt: skip
    file = tmp_path / "report.html"
    file.write_text(drawn(leak(timeline=same_day, blast_radius={"route": WAY})), encoding="utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.goto(file.as_uri())
        assert tab.locator(f".lifeline.{shown}").is_visible()
        assert not tab.locator(f".lifeline.{hidden}").is_visible()
        boxes = [each.bounding_box() for each in tab.locator(f".lifeline.{shown} text").all()]
        wide = tab.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert wide <= width
    assert len(boxes) == len(same_day) + 1
    for one in boxes:
        assert one["height"] >= 12
        assert one["x"] >= 0
        assert one["x"] + one["width"] <= width
        for other in boxes:
            apart = (
                one["y"] + one["height"] <= other["y"] + 4
                or other["y"] + other["height"] <= one["y"] + 4
            )
            assert one is other or apart

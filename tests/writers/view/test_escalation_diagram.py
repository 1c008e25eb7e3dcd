"""The drawing of the ways up: boxes in their places, everyone counted, and the same in words."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.privesc.catalogue import load_paths as paths
from analyzer.privesc.graph import escalation_graph
from analyzer.writers import html
from analyzer.writers.document.privileged import privileged_section
from analyzer.writers.view.escalation_diagram import (
    BOX_HEIGHT,
    LEADING,
    MOST,
    NOTE,
    WIDTH,
    describe_path,
    escalation_diagram,
    text_width,
    wrap_label,
)
from tests.builders import account, the_catalogue

NUMBER = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{NUMBER}:root"}
STRONG = account().role("strong", service="lambda.amazonaws.com").may("*")


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def holder(name, *targets, level="several steps from administrator", ways=1, does="takes it"):
    """A principal with a way over these targets; a last one of None is full rights at once."""
    here, route = arn(f"user/{name}"), []
    for target in targets:
        goal = arn(f"role/{target}") if target else None
        step = {
            "principal": here,
            "path": "p",
            "action_text": does,
            "on": goal or here,
            "target": goal,
        }
        route.append(step | {"certain": "conditions" not in level})
        here = goal
    return {"principal": arn(f"user/{name}"), "level": level, "route": route, "paths": ways,
            "conditional_paths": 0, "reasons": [], "places": [{}]}  # fmt: skip


def chain():
    """An account in which ann takes three roles, one after the other."""
    case = STRONG.trusts(ROOT)
    for name, onward in (("c", "strong"), ("b", "c"), ("a", "b")):
        case = case.role(name).trusts(ROOT).may("sts:AssumeRole", on=arn(f"role/{onward}"))
    return case.user("ann").key().may("sts:AssumeRole", on=arn("role/a"))


NAMES = st.text(max_size=30) | st.text("W@m ", max_size=900) | st.sampled_from(["<b>", "\u202e"])
WAYS = st.lists(NAMES | st.none(), min_size=1, max_size=6).map(
    lambda targets: [*[each or "x" for each in targets[:-1]], targets[-1]]
)


@given(st.lists(st.tuples(NAMES, WAYS, NAMES), min_size=1, max_size=12))
def test_whatever_the_names_nothing_overlaps_or_leaves_the_picture(many):
    """Boxes stay apart and inside, arrows lead from box to box, and words fit between them."""
    made = escalation_diagram([holder(name, *way, does=does) for name, way, does in many])
    for box in made.boxes:
        assert 0 <= box.x <= WIDTH - box.width
        assert 0 <= box.y <= made.height - BOX_HEIGHT
        assert all(text_width(line) <= box.width for line in box.lines)
        assert 1 <= len(box.lines) <= 2
    for one, other in combinations(made.boxes, 2):
        left, right = sorted((one, other), key=lambda each: each.x)
        assert left.x + left.width <= right.x or abs(one.y - other.y) >= BOX_HEIGHT
    for arrow in made.arrows:
        assert any(box.x + box.width == arrow.start and box.middle == arrow.y for box in made.boxes)
        assert any(box.x == arrow.end and box.middle == arrow.y for box in made.boxes)
        assert all(text_width(line) < arrow.end - arrow.start for line in arrow.label)
        assert len(arrow.label) <= 5
        assert text_width(arrow.note, NOTE) < arrow.end - arrow.start


@given(st.lists(st.tuples(NAMES, WAYS, NAMES), min_size=1, max_size=12))
def test_words_over_an_arrow_stay_clear_of_the_row_above(many):
    """However many lines they take, they begin below its boxes and its notes."""
    made = escalation_diagram([holder(name, *way, does=does) for name, way, does in many])
    heights = sorted({each.y for each in made.arrows})
    floors = dict(zip(heights, [0, *(each + BOX_HEIGHT // 2 for each in heights)], strict=False))
    for arrow in made.arrows:
        assert arrow.y - 7 - LEADING * len(arrow.label) >= floors[arrow.y]


def test_every_way_known_fits_between_two_roles_nearly_whole():
    """A reader sees what is done, not an ellipsis."""
    steps = [each.action_text.replace("{role}", "role ci").replace("{target}", "user ann")
             for each in paths()]  # fmt: skip
    cut = 0
    for does in steps:
        made = escalation_diagram([holder("ann", "a", "b", does=does)])
        cut += any(label.endswith("…") for each in made.arrows for label in each.label)
    assert cut <= len(steps) // 50


@pytest.mark.parametrize(
    ("ways", "conditional", "note"),
    [(1, 0, ""), (2, 0, "and 1 more"), (1, 5, "and 5 possible"), (3, 5, "and 2 more, 5 possible")],
)
def test_the_other_ways_are_counted_certain_and_conditional_apart(ways, conditional, note):
    """Beside the one that is drawn."""
    made = escalation_diagram(
        [holder("ann", "adm", ways=ways) | {"conditional_paths": conditional}]
    )
    assert [each.note for each in made.arrows] == [note, ""]


def test_a_possible_way_that_is_drawn_is_not_counted_again():
    """It is one of the possible ones."""
    doubtful = holder("ann", "adm", ways=0, level="administrator under conditions")
    made = escalation_diagram([doubtful | {"conditional_paths": 3}])
    assert made.arrows[0].note == "and 2 possible"


def test_a_row_a_principal_and_the_rest_are_counted():
    """Eight at most; nobody drops out silently."""
    many = [holder(f"u{number}", "adm", ways=number) for number in range(MOST + 3)]
    made = escalation_diagram(many)
    assert (made.rows, made.left_out, len(made.words)) == (MOST, 3, MOST)
    assert sum(each.is_end for each in made.boxes) == MOST
    assert made.boxes[0].lines == ("u10",)
    few = escalation_diagram(many[:3])
    assert (few.rows, few.left_out) == (3, 0)
    assert few.height < made.height


def test_the_worst_come_first_and_of_them_those_with_most_ways():
    """Certain before conditional, one step before several."""
    conditional = holder("may", "adm", level="administrator under conditions", ways=99)
    long = holder("ann", "b", "adm", ways=50)
    short = holder("zoe", "adm", level="one step from administrator")
    made = escalation_diagram([conditional, long, short])
    assert [each.split()[1] for each in made.words] == ["zoe", "ann", "may"]


def test_administrators_need_no_way():
    """They stand in the table; without anyone else there is no drawing."""
    assert escalation_diagram(privileged_section(escalation_graph(STRONG.account()))) is None
    assert escalation_diagram([]) is None


def test_a_way_ends_with_full_rights():
    """A box for the principal, one for each target, one for the end."""
    case = STRONG.user("ann").key().may("iam:PassRole", "lambda:*")
    made = escalation_diagram(privileged_section(escalation_graph(case.account())))
    assert [(each.kind, *each.lines) for each in made.boxes] == [
        ("user", "ann"),
        ("role", "strong"),
        ("full rights", "Administrator"),
    ]
    first, last = made.arrows
    assert " ".join(first.label).startswith("creates a Lambda function that runs as role strong")
    assert first.note.startswith("and ")
    assert (" ".join(last.label), last.is_certain, made.has_doubts) == (
        "has full rights",
        True,
        False,
    )


def test_a_step_that_gives_full_rights_at_once_is_one_arrow():
    """Nobody stands between."""
    made = escalation_diagram(
        [holder("ann", None, level="one step from administrator", does="lifts itself")]
    )
    assert len(made.boxes) == 2
    assert [each.label for each in made.arrows] == [("lifts itself",)]


@pytest.mark.parametrize(
    ("targets", "boxes", "last"),
    [
        (("a", "b"), 4, "has full rights"),
        (("a", "b", None), 4, "takes it"),
        (("a", "b", "c"), 4, "1 more step"),
        (("a", "b", "c", None), 4, "2 more steps"),
    ],
)
def test_long_ways_say_how_many_steps_are_not_drawn(targets, boxes, last):
    """Two between at most."""
    made = escalation_diagram([holder("ann", *targets)])
    assert len(made.boxes) == boxes
    assert " ".join(made.arrows[-1].label) == last


def test_conditional_steps_are_dashed_and_conditional_ends_too():
    """A target that is an administrator itself certainly ends."""
    level = "administrator under conditions"
    (step, end) = escalation_diagram([holder("ann", "adm", level=level)]).arrows
    assert (step.is_certain, end.is_certain, " ".join(end.label)) == (
        False,
        False,
        "may have full rights",
    )
    admin = holder("x", level="administrator") | {"principal": arn("role/adm")}
    made = escalation_diagram([holder("ann", "adm", level=level), admin])
    assert [each.is_certain for each in made.arrows] == [False, True]
    assert made.has_doubts


def test_the_words_tell_the_whole_way():
    """Also the steps that the picture leaves out."""
    found = {
        each["principal"]: each for each in privileged_section(escalation_graph(chain().account()))
    }
    assert describe_path(found[arn("user/ann")]) == (
        "assumes role a, then as role a assumes role b, then as role b assumes role c, "
        "then as role c assumes role strong"
    )
    assert describe_path(holder("ann", "x", level="administrator under conditions")).endswith(
        "conditions)"
    )
    assert describe_path(found[arn("role/strong")]) == ""


def test_text_is_cut_by_lines_and_says_so():
    """An ellipsis stands where something is missing, and only there."""
    assert wrap_label("one two", 100, 3) == ("one two",)
    assert wrap_label("one two", 40, 3) == ("one", "two")
    assert wrap_label("one two three four", 40, 2)[1].endswith("…")
    assert wrap_label("x" * 100, 40, 2)[1].endswith("…")
    assert wrap_label(" " * 500, 40, 2) == ("…",)
    assert wrap_label("a\u202eb", 400, 1) == ("a\\u202eb",)


def test_the_picture_on_the_page_is_xml_with_a_name_and_its_content_in_words(tmp_path):
    """Whoever can't see it hears the same; nothing in it runs or loads."""
    case = STRONG.user("x&y<z").key().may("iam:PassRole", "lambda:*")
    report = audit(Settings(inputs=(case.write(tmp_path / "evidence"),)))
    page = html.render(report, the_catalogue()).decode()
    (picture,) = re.findall(r'<svg class="ways".*?</svg>', page, re.DOTALL)
    root = ET.fromstring(picture)  # noqa: S314 - our own page
    assert root.get("role") == "img"
    ids = {each.get("id"): "".join(each.itertext()) for each in root if each.get("id")}
    title, told_ = (ids[name] for name in root.get("aria-labelledby").split())
    assert NUMBER in title
    assert "user x&y<z creates a Lambda function that runs as role strong" in told_
    assert {each.tag for each in root.iter()} == {"svg", "title", "desc", "text", "path", "rect"}
    assert not any("style" in each.attrib for each in root.iter())
    width, height = map(float, root.get("viewBox").split()[2:])
    for each in root.iter("text"):
        assert 0 <= float(each.get("x")) <= width
        assert 0 <= float(each.get("y")) <= height

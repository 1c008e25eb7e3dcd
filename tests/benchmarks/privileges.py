"""How long, and in how much memory, the rights of a whole account are judged.

Run: python tests/benchmarks/privileges.py [SIZE...] [--shape SHAPE] [--cloudsplaining PROGRAM]
SIZE is a number of principals, half users and half roles, with half as many distinct documents;
with another shape it is that of an account of `made_accounts.py`. Each size runs the whole command
`credaudit paths` in a process of its own, and `cloudsplaining scan` after it on the same file where
its program is named. Compare within one run.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from made_accounts import SHAPES

ACCOUNT = "111122223333"
MADE = "2024-03-01T09:00:00+00:00"
SIZES = (600, 1250, 2500, 5000, 10_000)
SMALLEST = 4
ROOT = Path(__file__).parents[2]
READS = ("s3:GetObject", "dynamodb:Query", "ec2:Describe*", "logs:Get*", "kms:Decrypt", "sqs:*")
WRITES = ("s3:PutObject", "lambda:UpdateFunctionCode", "iam:PassRole", "ec2:RunInstances")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall time in seconds, and the largest resident size in MB, of one process."""

    seconds: float
    megabytes: float


def document(number: int) -> dict[str, object]:
    """A policy like those of real accounts: no two alike, a few that lead far, some guarded."""
    bucket = f"arn:aws:s3:::team-{number}"
    statements: list[dict[str, object]] = [
        {"Sid": f"Read{number}", "Effect": "Allow", "Action": list(READS), "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": WRITES[number % len(WRITES)],
            "Resource": [bucket, f"{bucket}/*", f"arn:aws:iam::{ACCOUNT}:role/team-{number % 50}*"],
        },
    ]
    if number % 5 == 0:
        statements.append(
            {
                "Effect": "Deny",
                "NotAction": ["iam:*MFADevice", "sts:GetSessionToken"],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            }
        )
    if number % 20 == 0:
        statements.append(
            {"Effect": "Allow", "Action": ["iam:Create*", "iam:Attach*"], "Resource": "*"}
        )
    return {"Version": "2012-10-17", "Statement": statements}


def details(size: int) -> dict[str, object]:
    """Authorization details of so many principals: inline, attached, grouped and bounded rights."""
    policies = [_policy(number) for number in range(size // 4)]
    groups = [_group(number, policies) for number in range(max(1, size // 100))]
    users = [_user(number, policies, groups) for number in range(size // 2)]
    roles = [_role(number, size) for number in range(size // 2)]
    return {
        "UserDetailList": users,
        "GroupDetailList": groups,
        "RoleDetailList": roles,
        "Policies": policies,
        "IsTruncated": False,
    }


def _entity(kind: str, name: str, letters: str, number: int) -> dict[str, object]:
    return {
        f"{kind}Name": name,
        f"{kind}Id": f"{letters}{number:016}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind.lower()}/{name}",
        "Path": "/",
        "CreateDate": MADE,
    }


def _policy(number: int) -> dict[str, object]:
    version = {"Document": document(number), "VersionId": "v1", "IsDefaultVersion": True}
    return _entity("Policy", f"team-{number}", "ANPA", number) | {
        "AttachmentCount": 1,
        "DefaultVersionId": "v1",
        "IsAttachable": True,
        "PolicyVersionList": [version | {"CreateDate": MADE}],
    }


def _attached(policy: dict[str, object]) -> dict[str, object]:
    return {"PolicyName": policy["PolicyName"], "PolicyArn": policy["Arn"]}


def _group(number: int, policies: list[dict[str, object]]) -> dict[str, object]:
    policy = _attached(policies[number * 7 % len(policies)])
    return _entity("Group", f"group-{number}", "AGPA", number) | {
        "AttachedManagedPolicies": [policy],
        "GroupPolicyList": [],
    }


def _user(
    number: int, policies: list[dict[str, object]], groups: list[dict[str, object]]
) -> dict[str, object]:
    bounded = {"PermissionsBoundary": {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": policies[0]["Arn"],
    }} if number % 10 == 0 else {}  # fmt: skip
    return (
        _entity("User", f"user-{number}", "AIDA", number)
        | bounded
        | {
            "GroupList": [groups[number % len(groups)]["GroupName"]],
            "AttachedManagedPolicies": [_attached(policies[number % len(policies)])],
            "UserPolicyList": [],
        }
    )


def _role(number: int, size: int) -> dict[str, object]:
    service = ("ec2", "lambda", "ecs-tasks")[number % 3]
    trusted = {"Service": f"{service}.amazonaws.com"}
    if number % 4 == 0:
        trusted = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/user-{number}"}
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    # Every second role shares its document with another, so half of all documents are managed.
    own = document(size // 4 + number % (size // 4))
    return _entity("Role", f"team-{number}", "AROA", number) | {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "AttachedManagedPolicies": [],
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": own}],
        "InstanceProfileList": [],
    }


def cost(*command: str, folder: Path) -> Cost:
    """Run it to its end, output thrown away; a failure is a failure of the benchmark."""
    read, write = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.close(read)
        made = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        answer = {"code": made.returncode, "peak": peak, "said": made.stderr.decode()[-2000:]}
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = json.loads(pipe.read())
    os.waitpid(child, 0)
    seconds = time.perf_counter() - started
    if answer["code"]:
        raise SystemExit(f"{command[0]} ended with {answer['code']}: {answer['said']}")
    return Cost(seconds, answer["peak"])


def measured(
    sizes: list[int], made_by: Callable[[int], dict[str, object]], rival: str | None
) -> Iterator[tuple[int, Cost, Cost | None]]:
    """Each size with the cost of credaudit, and of cloudsplaining where its program is given."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "details.json").write_text(json.dumps(made_by(size)))
            ours = cost(
                sys.executable, "-m", "analyzer", "paths", "--evidence",
                str(folder / "details.json"), "-f", "json", folder=ROOT,
            )  # fmt: skip
            theirs = rival and cost(
                rival, "scan", "--input-file", "details.json", "--output", made,
                "--skip-open-report", folder=folder,
            )  # fmt: skip
            yield size, ours, theirs or None


def main() -> None:
    """Print one row a size, as a Markdown table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    asked.add_argument("--shape", choices=["mixed", *SHAPES], default="mixed")
    asked.add_argument("--cloudsplaining", metavar="PROGRAM", help="its command, to run beside")
    options = asked.parse_args()
    if min(options.sizes) < SMALLEST:
        asked.error(f"an account has at least {SMALLEST} principals here")
    made_by = SHAPES.get(options.shape, details)
    rival = options.cloudsplaining and shutil.which(options.cloudsplaining)
    if options.cloudsplaining and not rival:
        asked.error(f"there is no program {options.cloudsplaining}")
    print(
        "| principals | documents | seconds | µs a principal | peak MB | cloudsplaining | ratio |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for size, ours, theirs in measured(
        options.sizes, made_by, rival and str(Path(rival).absolute())
    ):
        documents = f"{size // 2:,}" if options.shape == "mixed" else options.shape
        beside = f"{theirs.seconds:.1f} s, {theirs.megabytes:.0f} MB" if theirs else "-"
        ratio = f"{ours.seconds / theirs.seconds:.2f}" if theirs else "-"
        print(
            f"| {size:,} | {documents} | {ours.seconds:.2f} | {ours.seconds / size * 1e6:.0f} "
            f"| {ours.megabytes:.0f} | {beside} | {ratio} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

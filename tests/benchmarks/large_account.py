"""How long, and in how much memory, a large account is parsed and checked.

Run: python tests/benchmarks/large_account.py [SIZE...]   (users and roles each; 1250 2500 5000)
Each size runs in a process of its own; compare the sizes of one run with each other.
"""

import base64
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCOUNT = "111122223333"
MADE = "2024-03-01T09:00:00+00:00"
REPORT_TIME = "2026-10-01T08:00:00+00:00"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": f"Part{n}",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::bucket-{n}/*",
        }
        for n in range(4)
    ],
}


def write_evidence(folder: Path, size: int) -> None:
    """Credential report and authorization details of so many users and as many roles."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from analyzer.evidence.credential_report import COLUMNS  # noqa: PLC0415

    lines = [",".join(COLUMNS)]
    for number in range(-1, size):
        name = "<root_account>" if number < 0 else f"user{number:05}"
        arn = f"arn:aws:iam::{ACCOUNT}:" + ("root" if number < 0 else f"user/{name}")
        mfa, key = str(number % 5 != 0).lower(), str(number % 3 == 0).lower()
        made = MADE if key == "true" else "N/A"
        lines.append(
            f"{name},{arn},{MADE},true,2026-09-20T08:00:00+00:00,2025-01-01T00:00:00+00:00,N/A,"
            f"{mfa},{key},{made},{made},eu-west-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        )
    wrapper = {
        "Content": base64.b64encode("\n".join(lines).encode()).decode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": REPORT_TIME,
    }
    (folder / "credential-report.json").write_text(json.dumps(wrapper))
    (folder / "authorization-details.json").write_text(json.dumps(_details(size)))


def measure(folder: Path) -> dict[str, float]:
    """Seconds from the start of the process's work to the last result, and peak MB."""
    started = time.perf_counter()
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from analyzer.evidence.loading import load_evidence  # noqa: PLC0415
    from analyzer.inventory.join import build_accounts  # noqa: PLC0415
    from analyzer.rules.catalogue import load_catalogue  # noqa: PLC0415
    from analyzer.rules.engine import CheckInput, run_checks  # noqa: PLC0415

    accounts, _ = build_accounts(load_evidence((folder,)))
    results = run_checks(CheckInput(accounts[0]), load_catalogue())
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = sum(len(result.findings) for result in results)
    return {"seconds": round(seconds, 2), "peak_mb": round(peak), "findings": found}


def _details(size: int) -> dict[str, object]:
    users = [
        {
            "UserName": f"user{n:05}",
            "UserId": f"AIDA{n:016}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:user/user{n:05}",
            "Path": "/",
            "CreateDate": MADE,
            "GroupList": ["staff"],
            "AttachedManagedPolicies": [],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": DOCUMENT}] if n % 4 else [],
            "Tags": [{"Key": "owner", "Value": f"person{n}"}],
        }
        for n in range(size)
    ]
    roles = [
        {
            "RoleName": f"role{n:05}",
            "RoleId": f"AROA{n:016}",
            "Arn": f"arn:aws:iam::{ACCOUNT}:role/role{n:05}",
            "Path": "/",
            "CreateDate": MADE,
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                     "Action": "sts:AssumeRole"}
                ]
            },
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": DOCUMENT}],
            "AttachedManagedPolicies": [],
            "RoleLastUsed": {"LastUsedDate": "2026-09-01T00:00:00+00:00"} if n % 2 else {},
        }
        for n in range(size)
    ]  # fmt: skip
    group = {"GroupName": "staff", "Arn": f"arn:aws:iam::{ACCOUNT}:group/staff", "CreateDate": MADE}
    return {
        "UserDetailList": users,
        "RoleDetailList": roles,
        "GroupDetailList": [group],
        "Policies": [],
        "IsTruncated": False,
    }


def main(sizes: list[int]) -> None:
    """Print one line a size, with the cost of one principal beside it."""
    print("users  roles  seconds  peak MB  findings  µs/principal")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_evidence(Path(folder), size)
            command = [sys.executable, __file__, "--measure", folder]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            made = json.loads(answer.stdout)
            each = made["seconds"] / (2 * size) * 1e6
            print(
                f"{size:5}  {size:5}  {made['seconds']:7}  {made['peak_mb']:7}  "
                f"{made['findings']:8}  {each:12.0f}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main([int(each) for each in sys.argv[1:]] or [1250, 2500, 5000])

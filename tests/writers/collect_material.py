"""In: nothing. Out: an `aws` that writes down what it is asked, and runs of the script."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.evidence.export_material import report

BASH = shutil.which("bash") or "bash"
ACCOUNT = "111122223333"
MEMBER = "444455556666"

# What the made-up AWS answers, as the CLI prints it; all else is an empty object. The names are
# the worst that AWS allows, and some that it doesn't.
HOSTILE_PATH = "/a`b\"c\\d'$(touch${IFS}pwned)/"
USERS = ["alice", "-rf", "=cmd|x", "../../../etc/x", "$(touch pwned)", "a`b", 'q"u\\o', "it's"]
TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
LOG_GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"
ANALYZER = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/main"
UNUSED = "arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/unused"
ANSWERS: dict[str, Any] = {
    "sts get-caller-identity json": '{\n    "Account": "111122223333"\n}\n',
    "iam generate-credential-report text": "COMPLETE\n",
    "iam list-users text": "".join(f"{name}\n" for name in USERS),
    "iam list-users text [].[Arn]": f"arn:aws:iam::111122223333:user{HOSTILE_PATH}alice\n",
    "iam list-roles text": f"arn:aws:iam::111122223333:role{HOSTILE_PATH}worker\n",
    "iam generate-service-last-accessed-details text": "job-1\n",
    "iam get-service-last-accessed-details json": '{\n    "JobStatus": "COMPLETED"\n}\n',
    "iam list-open-id-connect-providers json": '{"OpenIDConnectProviderList": [{"Arn": "x"}]}',
    "iam list-open-id-connect-providers text": "arn:aws:iam::111122223333:oidc-provider/x\n",
    "iam list-saml-providers json": '{"SAMLProviderList": [{"Arn": "x"}]}',
    "iam list-saml-providers text": "arn:aws:iam::111122223333:saml-provider/x\n",
    "ec2 describe-regions text": "eu-west-1\nus-east-1\n../../evil\n",
    "accessanalyzer list-analyzers json": '{"analyzers": [{"arn": "x"}]}',
    "accessanalyzer list-analyzers text": f"{ANALYZER}\tACCOUNT\n{UNUSED}\tACCOUNT_UNUSED_ACCESS\n",
    "accessanalyzer list-findings-v2 json": '{"x": ["ACTIVE"]}',
    "accessanalyzer list-findings-v2 text": (
        "ExternalAccess\tf-1\nExternalAccess\tf-2\nUnusedPermission\tf-3\n"
    ),
    "cloudtrail describe-trails json": '{"trailList": [{"TrailARN": "x"}]}',
    "cloudtrail describe-trails text": f"{TRAIL}\teu-west-1\t{LOG_GROUP}\n",
    "logs describe-metric-filters json": '{"metricFilters": [{"filterName": "x"}]}',
    "rolesanywhere list-trust-anchors json": '{"trustAnchors": [{"trustAnchorArn": "x"}]}',
    "cognito-identity list-identity-pools json": '{\n"IdentityPoolId": "eu-west-1:ab-1"\n}',
    "organizations list-accounts json": (
        f'{{"Accounts": [\n{{"Id": "{ACCOUNT}"}},\n{{"Id": "{MEMBER}"}}\n]}}'
    ),
    "organizations list-accounts text": f"{ACCOUNT}\n{MEMBER}\n",
    "organizations list-policies-for-target json": (
        '{"Policies": [\n{"Id": "p-FullAWSAccess"},\n'
        '{"Description": "\\"Id\\": \\"p-trap\\"", "Name": "$(touch${IFS}pwned)"}\n]}'
    ),
    "organizations list-parents json": '{"Parents": [{"Id": "r-abcd"}]}',
    f"organizations list-parents json --child-id={MEMBER}": '{"Parents": [{"Id": "ou-abcd-1"}]}',
    "organizations list-delegated-administrators json": f'{{"x": [{{"Id": "{MEMBER}"}}]}}',
    "sso-admin list-instances json": '{"Instances": [{"InstanceArn": "x"}]}',
    "sso-admin list-instances text": "arn:aws:sso:::instance/ssoins-1\td-1\n",
    "sso-admin list-permission-sets text": "arn:aws:sso:::permissionSet/ssoins-1/ps-1\n",
    "sso-admin list-accounts-for-provisioned-permission-set json": (
        f'{{"AccountIds": [\n    "{ACCOUNT}",\n    "{MEMBER}"\n]}}'
    ),
    "identitystore list-groups json": '{\n"GroupId": "g-1"\n}',
    "lambda list-functions json": (
        '{\n"FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:f"\n}'
    ),
    "ecs list-task-definition-families text": "web\n",
    "kms list-keys text": "arn:aws:kms:eu-west-1:111122223333:key/k\n",
    "secretsmanager list-secrets text": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s\n",
    "s3api list-buckets text": "-a.bucket\n",
}


def credential_report(*rows: dict[str, str]) -> str:
    """A get-credential-report answer as the CLI prints it; with Ann's row where none are given."""
    packed = base64.b64encode(report(*rows).encode()).decode()
    return f'{{\n    "Content": "{packed}",\n    "ReportFormat": "text/csv"\n}}\n'


ANSWERS["iam get-credential-report json"] = credential_report()
_NEEDED = {
    "sts get-caller-identity json",
    "iam generate-credential-report text",
    "iam get-credential-report json",
}
AWS = """#!{python} -IS
import json, os, sys, time
plan = json.load(open({plan!r}))
arguments = sys.argv[1:]
begun = time.monotonic()
code = 0
if arguments == ["--version"]:
    print("aws-cli/0.0")
    sys.exit()
name = " ".join(arguments[:2])
form = arguments[arguments.index("--output") + 1] if "--output" in arguments else "text"

holder = "AWS_ACCESS_KEY_ID=" + os.environ.get("AWS_ACCESS_KEY_ID", "")

def fits(key):
    words = key.split(" ")
    return " ".join(words[:2]) == name and words[2] == form and all(
        any(word in argument for argument in [*arguments, holder]) for word in words[3:]
    )

time.sleep(plan["pause"])
if name in plan["failures"]:
    sys.stderr.write("\\n" + plan["failures"][name] + "\\n")
    code = 255
else:
    found = sorted(filter(fits, plan["answers"]), key=len)
    answer = plan["answers"][found[-1]] if found else "{{}}\\n" if form == "json" else ""
    sys.stdout.write(answer)
told = [
    path
    for top in ({folder!r}, "/dev/shm") if plan["secret"]
    for parent, _, names in os.walk(top)
    for path in (os.path.join(parent, name) for name in names)
    if path != {plan!r} and os.path.isfile(path)
    and plan["secret"].encode() in open(path, "rb").read()
]
line = json.dumps({{"arguments": arguments, "told": told, "begun": begun, "ended": time.monotonic(),
                   "environment": {{k: "hidden" if v and v == plan["secret"] else v
                                   for k, v in os.environ.items() if k.startswith("AWS")}}}})
log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(log, line.encode() + b"\\n")
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the script: how it ended, what it said, what it asked, and what it left."""

    code: int
    said: str
    printed: str
    asked: tuple[dict[str, Any], ...]
    folder: Path

    @property
    def operations(self) -> set[str]:
        """The services and operations that were asked, as `iam list-users`."""
        return {" ".join(call["arguments"][:2]) for call in self.asked}

    @property
    def archives(self) -> list[Path]:
        """The packs that the run left."""
        return sorted(self.folder.glob("*.tar.gz"))

    def members(self) -> dict[str, bytes]:
        """The files of the one pack by name, without its folder."""
        (archive,) = self.archives
        with tarfile.open(archive) as pack:
            files = [member for member in pack.getmembers() if member.isfile()]
            return {
                member.name.partition("/")[2]: pack.extractfile(member).read() for member in files
            }

    def manifest(self) -> dict[str, Any]:
        """The pack's own account of the run."""
        return json.loads(self.members()["pack.json"])


def prepare(  # noqa: PLR0913 - what the made-up AWS is like
    folder: Path,
    *,
    answers: dict[str, str] | None = None,
    failures: dict[str, str] | None = None,
    pause: float = 0,
    secret: str = "",
    is_small: bool = False,
) -> dict[str, str]:
    """Put a made-up `aws` into `folder`, and return the environment that finds it first.

    At each call it looks for `secret` in every file around it. In a small account there is nothing
    but what `answers` say.
    """
    known = {name: text for name, text in ANSWERS.items() if not is_small or name in _NEEDED}
    tools = folder / "bin"
    tools.mkdir()
    plan = folder / "plan.json"
    plan.write_text(
        json.dumps(
            {
                "answers": known | (answers or {}),
                "failures": failures or {},
                "pause": pause,
                "secret": secret,
            }
        )
    )
    aws = tools / "aws"
    aws.write_text(
        AWS.format(
            python=sys.executable,
            plan=str(plan),
            folder=str(folder),
            log=str(folder / "asked.jsonl"),
        )
    )
    aws.chmod(0o755)
    (folder / "out").mkdir()
    (folder / "tmp").mkdir()
    return {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "CREDAUDIT_JOBS": "3",
    }


def start(folder: Path, text: str, environment: dict[str, str], *options: str) -> Run:
    """Run the script `text` in a folder that was prepared, and gather what it left behind."""
    ended = subprocess.run(
        [BASH, "-s", "--", *options],
        input=text,
        env=environment,
        cwd=folder / "out",
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    log = folder / "asked.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    return Run(
        code=ended.returncode,
        said=ended.stderr,
        printed=ended.stdout,
        asked=tuple(json.loads(line) for line in lines),
        folder=folder / "out",
    )


def collect(folder: Path, text: str, *options: str, **plan: Any) -> Run:
    """Run the script `text` against a made-up AWS, in a folder of its own."""
    return start(folder, text, prepare(folder, **plan), *options)

"""In: commands and documents that give a user a password. Out: the proof that it is found."""

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.model import CredentialKind
from tests.leaks.detect.detect_material import whole

WORD = "Xk9!mQ2" + "#vLp7zR"
FRAMES = {
    "a command": "aws iam create-login-profile --user-name ann --password '{}'",
    "another order": 'aws iam update-login-profile --password "{}" --user-name ann',
    "with an equals sign": "aws iam create-login-profile --user-name=ann --password={}",
    "over lines": "aws iam create-login-profile \\\n  --user-name ann \\\n  --password '{}' \\\n",
    "an array": '["aws", "iam", "create-login-profile", "--user-name", "ann", "--password", "{}"]',
    "a change": "aws iam change-password --old-password 'x' --new-password '{}'",
    "a skeleton": '{{"UserName": "ann", "Password": "{}", "PasswordResetRequired": true}}',
    "the other way round": '{{"PasswordResetRequired": false, "Password": "{}"}}',
    "boto3": "iam.create_login_profile(UserName='ann', Password='{}')",
    "boto3 over lines": "c.update_login_profile(\n    UserName='ann',\n    Password='{}',\n)",
    "JavaScript": 'new CreateLoginProfileCommand({{ UserName: "ann", Password: "{}" }})',
    "Java": 'CreateLoginProfileRequest.builder().userName("ann").password("{}").build()',
    "C#": 'new UpdateLoginProfileRequest {{ UserName = "ann", Password = "{}" }}',
    "Go": '&iam.CreateLoginProfileInput{{\n\tPassword: aws.String("{}"),\n}}',
    "Ansible": "- community.aws.iam_user:\n    name: ann\n    password: {}\n",
    "PowerShell": 'New-IAMLoginProfile -UserName "ann" -Password "{}"',
    "CloudFormation": "  LoginProfile:\n    Password: {}\n    PasswordResetRequired: true\n",
    "CloudFormation, the other way round": (
        "  LoginProfile:\n    PasswordResetRequired: true\n    Password: {}\n"
    ),
    "CloudFormation in JSON": '"LoginProfile": {{"Password": "{}"}}',
    "CloudFormation without blanks": '"LoginProfile":{{"Password":"{}"}}',
    "CloudFormation in quotes": '  LoginProfile:\n    Password: "{}"\n',
    "Terraform's state": (
        '{{"type": "aws_iam_user_login_profile", "instances": [{{"attributes": {{"id": "ann",'
        ' "key_fingerprint": null, "password": "{}", "user": "ann"}}}}]}}'
    ),
}
NAMED = (
    "a command",
    "another order",
    "over lines",
    "an array",
    "a skeleton",
    "boto3",
    "PowerShell",
)


def passwords(text: str) -> list[str | None]:
    """The digests of the console passwords found."""
    return [each.digest for each in whole(text) if each.kind is CredentialKind.CONSOLE_PASSWORD]


@pytest.mark.parametrize("frame", FRAMES)
def test_a_password_is_found_wherever_a_user_gets_it(frame):
    """Through the prefilter, once."""
    text = FRAMES[frame].format(WORD)
    found = scan_bytes(text.encode()).sightings
    assert [each.digest for each in found] == [secret_digest(WORD)]
    assert found[0].doubt is None


@pytest.mark.parametrize("sign", [";", "|", "$1B", "{,-", "`~", "@{", "#", "&&", "<X>"])
def test_a_password_may_hold_what_ends_a_command(sign):
    """Within its quotes nothing ends."""
    word = f"|3rx{sign}YGGl3"
    assert passwords(FRAMES["over lines"].format(word)) == [secret_digest(word)]


@pytest.mark.parametrize("frame", NAMED)
def test_the_user_is_named_beside_it(frame):
    """So the report says whose it is."""
    (found,) = whole(FRAMES[frame].format(WORD))
    assert found.claims.user == "ann"


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "value",
    [
        "$PASSWORD", "${PASSWORD}", "$(pwgen 20 1)", "<password>", "{{resolve:ssm-secure:p:1}}",
        "var.password", "********", "PASSWORD", "your-password", "string", "STRING_VALUE",
        "!Ref_Password", "os.environ[X]", "%PASSWORD%", "file://p.txt",
    ],
)  # fmt: skip
def test_what_stands_for_a_password_is_none(frame, value):
    """Scripts and templates are full of it."""
    if value != "!Ref_Password" or "LoginProfile:" in frame:
        assert passwords(FRAMES[frame].format(value.replace("!Ref_", "!Ref "))) == []


@pytest.mark.parametrize(
    "text",
    [
        "  LoginProfile: {\n    Password: generatedPassword,\n  }",
        "  LoginProfile:\n    Password: settings.passwords.ann1\n",
        f"  PasswordResetRequired: true\n  db:\n    Password: {WORD}\n",
        "Use create-login-profile. The password must have 14 characters.",
        f"mysql --user ann --password '{WORD}'\naws iam create-login-profile --user-name ann",
        f"def create_login_profile(user, password): ...{' ' * 600}password = '{WORD}'",
        f'{{"Action": "iam:CreateLoginProfile"}} "password": "{WORD}"',
        f"aws iam create-login-profile --user-name ann; mysql --password '{WORD}'",
        "'PasswordResetRequired', // reset the password\n  'UserNotConfirmedException',",
        f"PasswordResetRequiredException: {{ password: '{WORD}' }}",
    ],
)
def test_other_passwords_and_prose_are_none(text):
    """A word is no password, and a password of a database is none of the console."""
    assert passwords(text) == []


def test_a_password_out_of_documentation_is_doubted():
    """The guide of IAM shows it."""
    (found,) = whole(FRAMES["a command"].format("My!User1Login8P" + "@ssword"))
    assert "example" in (found.doubt or "")

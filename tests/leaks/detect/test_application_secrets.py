"""In: what programs keep for services of AWS. Out: the proof that it counts in its place only."""

import json
from datetime import UTC, datetime

import pytest

from analyzer.leaks.detect.detector import scan_bytes
from analyzer.leaks.detect.sightings import secret_digest
from tests.leaks.detect.detect_material import noise, token, whole
from tests.leaks.detect.kinds_material import (
    ACTIVATION,
    COOKIES,
    END,
    KEY_PAIR,
    SELLER_SECRET,
    SIGNED_URL,
    content_signature,
    drawn,
    signed,
)

SECRET = drawn(1, 51)
KEY = drawn(2, 40)
HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
CODE = token(3, 20)
POOL = "eu-west-1_" + drawn(4, 9)
PAT = noise(5, 16).hex()


def kinds(text: str) -> list[str | None]:
    """The kinds of what is found whole and not doubted, through the prefilter."""
    return [each.kind for each in scan_bytes(text.encode()).sightings if not each.doubt]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"UserPoolClient": {"UserPoolId": POOL, "ClientSecret": SECRET}}),
        f"COGNITO_CLIENT_SECRET={SECRET}",
        f"aws cognito-idp add-user-pool-client-secret --client-secret {SECRET}",
        f'"ClientSecretDescriptor": {{"ClientSecretValue": "{SECRET}"}}  # of the user pool',
        f"spring.cognito:\n  client-secret: {SECRET}",
    ],
)
def test_a_client_secret_counts_beside_its_pool(text):
    """Its shape alone says nothing."""
    assert kinds(text) == ["cognito-client-secret"]


def test_the_pool_says_the_region():
    """Its ID begins with it."""
    (found,) = whole(f"UserPoolId: {POOL}\nClientSecret: {SECRET}")
    assert (found.claims.region, found.digest) == ("eu-west-1", secret_digest(SECRET))


@pytest.mark.parametrize(
    "text",
    [
        f"client_secret={SECRET}",
        f"cognito\n{' ' * 1600}client_secret={SECRET}",
        "cognito client_secret=arn_aws_secretsmanager_eu_west_1",
        "cognito client_secret=user_pool_client.client_secret_value",
        "cognito client_secret=" + "abcdefgh" * 4,
        'COGNITO_CLIENT_SECRET = "cognito:clientSecret",\nDISTRIBUTED_MAP_RESULT_WRITER_V2 = "x"',
    ],
)
def test_client_secrets_of_others_and_names_are_none(text):
    """Every OAuth client has one."""
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"curl -H 'x-api-key: {KEY}' https://{HOST}/prod",
        f'fetch("https://{HOST}", {{headers: {{"X-API-Key": "{KEY}"}}}})',
        f'{{"key": "x-api-key", "value": "{KEY}"}}, "raw": "https://{HOST}/x"',
        f"url: https://{HOST}\napi_key: {KEY}",
        f'{{"id": "a1b2c3d4e5", "value": "{KEY}", "enabled": true, "stageKeys": []}}',
        f"Type: AWS::ApiGateway::ApiKey\nProperties:\n  Value: {KEY}\n",
        f'resource "aws_api_gateway_api_key" "x" {{\n  name  = "x"\n  value = "{KEY}"\n}}\n',
    ],
)
def test_a_key_counts_beside_its_api_gateway(text):
    """The address of the API, or what makes and lists its keys."""
    assert kinds(text) == ["api-gateway-key"]


@pytest.mark.parametrize(
    "text",
    [
        f"curl -H 'x-api-key: {KEY}' https://api.example.com",
        f"https://{HOST} x-api-key: YOURAPIKEYGOESHERE1234",
        f"https://{HOST} x-api-key: {'ab' * 20}",
        f"https://{HOST} etag: {KEY}",
    ],
)
def test_keys_of_other_apis_and_words_are_none(text):
    """Half of the web calls its header so."""
    assert kinds(text) == []


def test_a_token_of_codecatalyst_counts_in_its_address():
    """The address says person and region."""
    (found,) = whole(f"url = https://ann:{PAT}@git.us-west-2.codecatalyst.aws/v1/s/p/r")
    assert (found.kind, found.digest) == ("codecatalyst-token", secret_digest(PAT))
    assert (found.claims.user, found.claims.region) == ("ann", "us-west-2")


def test_a_token_of_codecatalyst_counts_in_netrc():
    """Git reads it from there."""
    text = f"machine git.us-west-2.codecatalyst.aws\nlogin ann\npassword {PAT}\n"
    (found,) = scan_bytes(text.encode()).sightings
    assert (found.digest, found.claims.user) == (secret_digest(PAT), "ann")


def test_a_token_of_codecatalyst_counts_in_the_answer_that_made_it():
    """There its end stands beside it."""
    answer = {"secret": PAT, "name": "x", "expiresTime": "2027-01-15T08:00:00Z"}
    (found,) = scan_bytes(json.dumps(answer | {"accessTokenId": "1"}).encode()).sightings
    assert found.claims.expires == datetime.fromtimestamp(END, tz=UTC)
    assert whole(json.dumps(answer)) == []


@pytest.mark.parametrize(
    "word", ["PERSONAL_ACCESS_TOKEN_X", "${CODECATALYST_TOKEN}", "<token-of-ann>"]
)
def test_a_word_in_the_address_is_no_token(word):
    """Guides write it so."""
    assert whole(f"https://ann:{word}@git.us-west-2.codecatalyst.aws/v1/s/p/r") == []


def test_secrets_of_login_with_amazon_are_told_with_their_service():
    """What stands near says that they are of a seller."""
    refresh = "Atzr" + "|IwEBI" + token(6, 250)
    text = f"# SP-API\nclient_secret={SELLER_SECRET}\nrefresh_token={refresh}"
    found = scan_bytes(text.encode()).sightings
    assert {each.digest for each in found} == {secret_digest(SELLER_SECRET), secret_digest(refresh)}
    assert {(each.kind, each.claims.service) for each in found} == {
        ("login-with-amazon-secret", "sp-api")
    }
    escaped = text.replace("|", "%7C").replace("# SP-API", "")
    assert {each.digest for each in whole(escaped)} == {each.digest for each in found}
    assert {each.claims.service for each in whole(escaped)} == {None}


def test_an_older_secret_counts_beside_its_client():
    """It has no prefix of its own."""
    text = f"client_secret: {noise(7, 32).hex()}"
    client = "amzn1.application-oa2-client." + noise(8, 16).hex()
    assert kinds(f"client_id: {client}\n{text}") == ["login-with-amazon-secret"]
    assert kinds(text) == []
    assert kinds(f"client_id: {client}{' ' * 700}{text}") == []


@pytest.mark.parametrize(
    "text",
    [
        f'{{"ActivationId": "{ACTIVATION}", "ActivationCode": "{CODE}"}}',
        f'amazon-ssm-agent -register -code "{CODE}" -id "{ACTIVATION}" -region "eu-west-1"',
        f"ssm-setup-cli -register -activation-code '{CODE}' -activation-id '{ACTIVATION}'",
        f'"type": "aws_ssm_activation", "activation_code": "{CODE}", "id": "{ACTIVATION}"',
        f"SSM_ACTIVATION_CODE={CODE}\nSSM_ACTIVATION_ID={ACTIVATION}\n",
    ],
)
def test_an_activation_is_its_code_beside_its_id(text):
    """The ID is a user name, the code its password."""
    (found,) = scan_bytes(text.encode()).sightings
    assert (found.kind, found.key_id) == ("ssm-activation", ACTIVATION)
    assert found.digest == secret_digest(CODE)
    assert found.claims.region == ("eu-west-1" if "-region" in text else None)


@pytest.mark.parametrize(
    "text",
    [
        f"ActivationCode: {CODE}",
        f"ActivationId: {ACTIVATION}",
        f'ActivationCode: "aakakkkaakakakkkaakk", ActivationId: {ACTIVATION}',
        f"ActivationCode: {CODE}{' ' * 400}ActivationId: {ACTIVATION}",
        f"response-code: {CODE}, request-id: {ACTIVATION}",
    ],
)
def test_half_an_activation_is_none(text):
    """Nor is what has other names."""
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [SIGNED_URL, SIGNED_URL.replace("&", "&amp;"), SIGNED_URL.replace("&", "\\u0026"), COOKIES],
)
def test_signed_content_says_its_key_and_its_end(text):
    """The end is a field of the address, or inside the policy."""
    (found,) = scan_bytes(f"<{text}>".encode()).sightings
    assert (found.kind, found.key_id) == ("cloudfront-signed-url", KEY_PAIR)
    assert found.claims.expires == datetime.fromtimestamp(END, tz=UTC)


@pytest.mark.parametrize(
    "text",
    [
        f"https://x/?Expires={END}&Signature={content_signature()}",
        f"https://x/?Signature=short&Key-Pair-Id={KEY_PAIR}",
        f"CloudFront-Signature={content_signature()}",
        f"https://x/?Signature={drawn(11, 300)}&Key-Pair-Id={KEY_PAIR}",
        f"https://x/?Signature={'x' * 300}&Key-Pair-Id={KEY_PAIR}",
    ],
)
def test_a_signature_without_its_key_is_none(text):
    """Many services sign their addresses."""
    assert kinds(text) == []


def test_the_address_of_documentation_is_doubted():
    """Its key is the one of the developer guide."""
    (found,) = whole(SIGNED_URL.replace(KEY_PAIR, "K2JCJMDEHXQW5F"))
    assert found.doubt


TOKEN = signed({"sub": "x"})
NOTEBOOK = f"https://n.notebook.eu-west-1.sagemaker.aws?authToken={TOKEN}"
STUDIO = f"https://d-1.studio.eu-west-1.sagemaker.aws/auth?token={TOKEN}"
DASHBOARD = (
    f"https://eu-west-1.quicksight.aws.amazon.com/embed/1/dashboards/2?code={token(9, 300)}"
    "&identityprovider=quicksight&isauthcode=true"
)
AIRFLOW = "https://a.c2.eu-west-1.airflow.amazonaws.com/aws_mwaa/"


@pytest.mark.parametrize(
    ("text", "kind", "service"),
    [
        (f"curl -H 'Authorization: Bearer {TOKEN}' {AIRFLOW}cli", "mwaa-token", "airflow"),
        (f"{AIRFLOW}aws-console-sso?login=true#{TOKEN}", "mwaa-token", "airflow"),
        (f'{{"CliToken": "{TOKEN}", "WebServerHostname": "x"}}', "mwaa-token", "airflow"),
        (NOTEBOOK, "service-sign-in-url", "sagemaker"),
        (
            STUDIO.replace(".studio.eu-west-1", ".eu-west-1.experiments"),
            "service-sign-in-url",
            "sagemaker",
        ),
        (STUDIO, "service-sign-in-url", "sagemaker"),
        (DASHBOARD, "service-sign-in-url", "quicksight"),
    ],
)
def test_a_link_that_signs_in_is_told_with_its_service(text, kind, service):
    """The host says the region."""
    (found,) = scan_bytes(text.encode()).sightings
    assert (found.kind, found.claims.service) == (kind, service)
    assert found.claims.region == (None if "CliToken" in text else "eu-west-1")


@pytest.mark.parametrize("name", ["WebToken", "CliToken"])
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_a_token_in_json_within_json_is_found(name, separators):
    """As a log has the answer to a call: each level puts backslashes before the quotes."""
    text = json.dumps({name: TOKEN}, separators=separators)
    for _ in range(3):
        text = json.dumps({"body": text})
        (found,) = scan_bytes(text.encode()).sightings
        assert (found.kind, found.claims.service) == ("mwaa-token", "airflow")


def test_a_link_is_the_same_however_its_token_is_escaped():
    """Its digest is that of the token, so that both are one credential."""
    escaped = NOTEBOOK.replace(TOKEN, TOKEN.replace(".", "%2E"))
    found = [*scan_bytes(NOTEBOOK.encode()).sightings, *scan_bytes(escaped.encode()).sightings]
    assert len({each.digest for each in found}) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{AIRFLOW}cli{' ' * 400}Authorization: Bearer {TOKEN}",
        f"https://example.com?authToken={signed({'a': 1})}",
        "https://eu-west-1.quicksight.aws.amazon.com/sn/start?code=short&isauthcode=true",
        "https://n.notebook.eu-west-1.sagemaker.aws?authToken=TOKEN",
    ],
)
def test_tokens_and_links_of_others_are_none(text):
    """The place makes the kind."""
    assert kinds(text) == []

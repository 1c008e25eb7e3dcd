"""In: the name of a kind of text and a size. Out: a text as repositories are full of, made up.

Each kind has what makes it costly to a scanner: digests, base64, names of AWS, and the words
secret, key and token among few others, as in a project about them. No text holds a credential.
"""

import json
import random
import textwrap
from collections.abc import Callable

from tests.benchmarks.drawn import (
    Draw,
    digits_of_base_16,
    identifier,
    in_base64,
    package,
    sentence,
    snake,
    uuid,
    version,
    word,
)

PLAIN = "plain text"


def prose(draw: Draw) -> str:
    """A paragraph in lines."""
    return textwrap.fill(" ".join(sentence(draw) for _ in range(6)), 90) + "\n\n"


def python_source(draw: Draw) -> str:
    """A function, with its documentation."""
    first, second = snake(draw), snake(draw)
    return (
        f"def {snake(draw)}({first}, {second}=None, *, aws_session=None):\n"
        f'    """{sentence(draw)}"""\n'
        f"    {first} = {first} or os.environ.get('{first.upper()}')\n"
        f"    if not isinstance({first}, str):\n"
        f"        raise ValueError(f'{sentence(draw)} {{{first}!r}}')\n"
        f"    return self._{snake(draw)}({second}, secret_key={first})\n\n\n"
    )


def javascript_source(draw: Draw) -> str:
    """A function and an import."""
    first, second = identifier(draw), identifier(draw)
    return (
        f"import {{ {first} }} from '@{word(draw)}/{package(draw)}';\n"
        f"// {sentence(draw)}\n"
        f"export async function {identifier(draw)}({first}, {{ {second} = {{}} }}) {{\n"
        f"  const {{ accessKeyId, secretAccessKey, sessionToken }} = await {first}.credentials();\n"
        f"  if ({second}.{identifier(draw)} !== undefined) throw new Error(`{sentence(draw)}`);\n"
        f"  return this.{identifier(draw)}.send(new {identifier(draw)}Command({second}));\n}}\n\n"
    )


def java_source(draw: Draw) -> str:
    """A setter of a generated class."""
    field = identifier(draw)
    title = field[0].upper() + field[1:]
    return (
        f"    /**\n     * <p>\n     * {sentence(draw)}\n     * </p>\n     * @param {field}\n"
        f"     *        {sentence(draw)}\n     * @see {title}Configuration\n     */\n"
        f"    public void set{title}(java.util.Collection<{title}> {field}) {{\n"
        f"        this.{field} = new com.amazonaws.internal.SdkInternalList<{title}>({field});\n"
        f"    }}\n\n"
    )


def changelog(draw: Draw) -> str:
    """A release, each change with its commit."""
    name = package(draw)
    lines = [
        f"* **{word(draw)}:** {sentence(draw)[:60]} ([#{draw.randint(1, 9999)}]"
        f"(https://github.com/{name}/{name}/issues/{draw.randint(1, 9999)})) "
        f"([{digits_of_base_16(draw, 7)}]"
        f"(https://github.com/{name}/{name}/commit/{digits_of_base_16(draw, 40)}))\n"
        for _ in range(8)
    ]
    return f"## {version(draw)} (2024-03-{draw.randint(1, 28):02d})\n\n{''.join(lines)}\n"


def package_lock(draw: Draw) -> str:
    """An entry of package-lock.json."""
    name, number = package(draw), version(draw)
    return (
        f'    "node_modules/{name}": {{\n      "version": "{number}",\n'
        f'      "resolved": "https://registry.npmjs.example/{name}/-/{name}-{number}.tgz",\n'
        f'      "integrity": "sha512-{in_base64(draw, 64)}",\n      "dev": true,\n      '
        f'"dependencies": {{\n        "{package(draw)}": "^{version(draw)}"\n      }}\n    }},\n'
    )


def yarn_lock(draw: Draw) -> str:
    """An entry of yarn.lock, whose address ends in a SHA-1."""
    name, number = package(draw), version(draw)
    return (
        f'{name}@^{number}:\n  version "{number}"\n'
        f'  resolved "https://registry.yarnpkg.example/{name}/-/{name}-{number}.tgz'
        f'#{digits_of_base_16(draw, 40)}"\n  integrity sha512-{in_base64(draw, 64)}\n\n'
    )


def pnpm_lock(draw: Draw) -> str:
    """An entry of pnpm-lock.yaml."""
    return (
        f"  /{package(draw)}@{version(draw)}:\n"
        f"    resolution: {{integrity: sha512-{in_base64(draw, 64)}}}\n"
        f"    engines: {{node: '>=14'}}\n    dev: true\n\n"
    )


def go_sum(draw: Draw) -> str:
    """Two lines of go.sum: the hash in them has 43 characters of base64, and one =."""
    at = f"github.com/{word(draw)}/{package(draw)} v{version(draw)}"
    return f"{at} h1:{in_base64(draw, 32)}\n{at}/go.mod h1:{in_base64(draw, 32)}\n"


def poetry_lock(draw: Draw) -> str:
    """A package of poetry.lock with its files."""
    name = package(draw)
    digests = [digits_of_base_16(draw, 64) for _ in range(8)]
    files = "".join(
        f'    {{file = "{name}-{version(draw)}.whl", hash = "sha256:{digest}"}},\n'
        for digest in digests
    )
    return f'[[package]]\nname = "{name}"\nversion = "{version(draw)}"\nfiles = [\n{files}]\n\n'


def data_uri(draw: Draw) -> str:
    """A rule of a style sheet with its picture."""
    kind = draw.choice(("image/png", "font/woff2", "image/svg+xml"))
    return (
        f".{identifier(draw)}{{background:url(data:{kind};base64,"
        f"{in_base64(draw, draw.randint(300, 30_000))}) no-repeat}}\n"
    )


def certificates(draw: Draw) -> str:
    """A certificate as bundles of authorities hold them."""
    body = "\n".join(textwrap.wrap(in_base64(draw, draw.randint(700, 1500)), 64))
    return f"# {sentence(draw)}\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n\n"


def source_map(draw: Draw) -> str:
    """Mappings in base64 VLQ, and names."""
    letters = "AACBDEFGHIJKLMNOPQSUWYaceghiklmoqsuwy"
    mapped = ";".join(
        ",".join("".join(draw.choices(letters, k=draw.choice((4, 4, 5)))) for _ in range(40))
        for _ in range(20)
    )
    names = json.dumps([identifier(draw) for _ in range(60)])
    return (
        f'{{"version":3,"sources":["{package(draw)}.ts"],"names":{names},"mappings":"{mapped}"}}\n'
    )


def table(draw: Draw) -> str:
    """A row of CSV: numbers, IDs, times."""
    return (
        f"{draw.randint(10**11, 10**12)},{digits_of_base_16(draw, 24)},{draw.random():.15f},"
        f"2024-03-01T10:{draw.randint(0, 59):02d}:00Z,{word(draw)},{draw.getrandbits(62)},"
        f"i-0{digits_of_base_16(draw, 16)},{in_base64(draw, 12)},{word(draw).upper()}\n"
    )


def minified(draw: Draw) -> str:
    """A module of a bundle, all on one line."""
    first, second = identifier(draw), identifier(draw)
    return (
        f'{draw.randint(1, 9999)}:function(e,t,n){{"use strict";Object.defineProperty(t,"{first}",'
        f"{{enumerable:!0,get:function(){{return r.{second}}}}});var r=n({draw.randint(1, 9999)}),"
        f'i=function(e){{return e&&e.secretAccessKey?e.{second}:void 0}};t.{first}="'
        f'{digits_of_base_16(draw, 20)}",t.{identifier(draw)}=i(e.{first}||'
        f"{draw.getrandbits(30)})}},"
    )


def html(draw: Draw) -> str:
    """A member in generated documentation."""
    name = identifier(draw)
    return (
        f'<section id="{name}" class="method"><h3><a href="../{package(draw)}/{name}.html#{name}">'
        f'<span class="name">{name}</span></a></h3>\n<p>{sentence(draw)} {sentence(draw)}</p>\n'
        f"<table><tr><td><code>aws_secret_access_key</code></td><td>{sentence(draw)}</td></tr>"
        f'</table>\n<pre><code class="lang-js">{identifier(draw)}(&quot;{word(draw)}&quot;, '
        f"&#123; {name}: &#39;{word(draw)}&#39; &#125;)</code></pre></section>\n"
    )


def log(draw: Draw) -> str:
    """A line with the IDs of a request."""
    return (
        f"2024-03-01T10:{draw.randint(0, 59):02d}:07.123Z INFO [{uuid(draw)}] {word(draw)} "
        f"x-amz-request-id={digits_of_base_16(draw, 16).upper()} "
        f"x-amz-id-2={in_base64(draw, 48)} "
        f"trace=Root=1-{digits_of_base_16(draw, 8)}-{digits_of_base_16(draw, 24)} "
        f"GET /secrets/{word(draw)}/{uuid(draw)} 200 {draw.randint(1, 900)}ms\n"
    )


def scanner_rules(draw: Draw) -> str:
    """A rule of a scanner for secrets: an expression, keywords, and what it is for."""
    name = word(draw)
    prefix = draw.choice(("AKIA", "ASIA", "ghp_", "xoxb-", "sk_live_", "SG.", f"{name}_"))
    return (
        f'[[rules]]\nid = "{name}-api-token"\ndescription = "{sentence(draw)}"\n'
        f"regex = '''(?i)(?:{name})(?:[0-9a-z\\-_\\t .]{{0,20}})"
        f"(?:[\\s|']|[\\s|\"]){{0,3}}(?:=|>|:=)"
        f"(?:'|\\\"|\\s|=|\\x60){{0,5}}({prefix}[A-Z0-9]{{{draw.choice((16, 32, 40))}}})'''\n"
        f'entropy = 3.5\nkeywords = ["{name}", "{prefix.lower()}", "secret", "aws_secret_key"]\n\n'
    )


def cloud_formation_json(draw: Draw) -> str:
    """A resource of a template in JSON."""
    name = identifier(draw).capitalize()
    told = {
        "Type": "AWS::IAM::AccessKey",
        "Properties": {"UserName": {"Ref": name}, "Status": "Active"},
        "Metadata": {"aws:cdk:path": f"{name}/{uuid(draw)}", "asset": digits_of_base_16(draw, 64)},
    }
    shown = {"Value": {"Fn::GetAtt": [name, "SecretAccessKey"]}, "Description": sentence(draw)}
    return json.dumps({name + digits_of_base_16(draw, 8).upper(): told, "Out": shown}, indent=1)


def cloud_formation_yaml(draw: Draw) -> str:
    """A resource of a template in YAML."""
    name = identifier(draw).capitalize()
    return (
        f"  {name}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code:\n"
        f"        S3Bucket: !Ref {name}Bucket\n        S3Key: {digits_of_base_16(draw, 64)}.zip\n"
        f"      Environment:\n        Variables:\n"
        f"          AWS_SECRET_ACCESS_KEY: !GetAtt {name}.SecretAccessKey\n"
        f"          SECRET_ARN: !Sub 'arn:aws:secretsmanager:eu-west-1:1:secret:{word(draw)}'\n"
        f"      Description: {sentence(draw)}\n"
    )


def terraform_state(draw: Draw) -> str:
    """A resource in a state file."""
    told = {
        "type": "aws_s3_object",
        "name": snake(draw),
        "instances": [{"attributes": {
            "arn": f"arn:aws:s3:::{package(draw)}", "etag": digits_of_base_16(draw, 32),
            "source_code_hash": in_base64(draw, 32), "id": uuid(draw), "secret": None,
            "kms_key_id": f"arn:aws:kms:eu-west-1:111122223333:key/{uuid(draw)}",
        }, "sensitive_attributes": [], "private": in_base64(draw, 60)}],
    }  # fmt: skip
    return json.dumps(told, indent=2) + ",\n"


def notebook(draw: Draw) -> str:
    """A cell with its picture."""
    told = {
        "cell_type": "code", "id": digits_of_base_16(draw, 8), "execution_count": 7,
        "outputs": [{"output_type": "display_data", "data": {
            "image/png": in_base64(draw, draw.randint(3_000, 30_000)),
            "text/plain": [f"<Figure size {draw.randint(200, 900)}x400 with 1 Axes>"],
        }}],
        "source": [f"{snake(draw)} = {snake(draw)}({sentence(draw)!r})\n" for _ in range(5)],
    }  # fmt: skip
    return json.dumps(told, indent=1) + ",\n"


def json_lines(draw: Draw) -> str:
    """A record of a dump."""
    told = {
        "id": uuid(draw), "sha": digits_of_base_16(draw, 40), "key": snake(draw),
        "text": sentence(draw), "etag": digits_of_base_16(draw, 32), "at": draw.getrandbits(40),
        "token": None, "score": draw.random(),
    }  # fmt: skip
    return json.dumps(told) + "\n"


ORDINARY: dict[str, Callable[[Draw], str]] = {
    PLAIN: prose,
    "Python": python_source,
    "JavaScript": javascript_source,
    "Java": java_source,
    "changelog with commits": changelog,
    "package-lock.json": package_lock,
    "yarn.lock": yarn_lock,
    "pnpm-lock.yaml": pnpm_lock,
    "go.sum": go_sum,
    "poetry.lock": poetry_lock,
    "style sheet with data URIs": data_uri,
    "PEM certificates": certificates,
    "source map": source_map,
    "CSV": table,
    "minified bundle": minified,
    "HTML documentation": html,
    "log of requests": log,
    "rules of a secret scanner": scanner_rules,
    "CloudFormation in JSON": cloud_formation_json,
    "CloudFormation in YAML": cloud_formation_yaml,
    "Terraform state": terraform_state,
    "Jupyter notebook": notebook,
    "JSON lines": json_lines,
}


def ordinary_text(kind: str, size: int) -> bytes:
    """A text of that kind of about so many bytes, the same each time."""
    draw = random.Random(kind)  # noqa: S311 - no secret
    make, pieces, made = ORDINARY[kind], list[str](), 0
    while made < size:
        pieces.append(make(draw))
        made += len(pieces[-1])
    return "".join(pieces).encode()

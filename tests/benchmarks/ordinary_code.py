"""In: a source of chance. Out: pieces of what people write: prose, sources, templates, rules."""

import json
import textwrap

from tests.benchmarks.drawn import (
    Draw,
    digits_of_base_16,
    identifier,
    package,
    sentence,
    snake,
    uuid,
    version,
    word,
)


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


def api_model(draw: Draw) -> str:
    """A shape of a service, as SDKs have them on one line; some are those of IAM and Cognito."""
    names = [identifier(draw).capitalize() for _ in range(6)]
    if draw.random() < 1 / 300:
        names += [
            "PasswordResetRequired",
            "LoginProfile",
            "CreateLoginProfileRequest",
            "ClientSecret",
        ]
    members = ",".join(f'"{name}":{{"shape":"{name}Type"}}' for name in names)
    required = ",".join(f'"{name}"' for name in names[:3])
    return f'"{names[0]}":{{"type":"structure","required":[{required}],"members":{{{members}}}}},'

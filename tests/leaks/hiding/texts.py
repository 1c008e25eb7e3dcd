"""In: nothing. Out: the files in which people keep a key pair as plain text, one pair each."""

from collections.abc import Iterator

from tests.leaks.hiding.large import large_texts
from tests.leaks.hiding.model import Hideout, in_head, line_of, pair_for
from tests.leaks.hiding.signed import signed_texts

SETTINGS = {
    "AWS CLI credentials": (
        "home/.aws/credentials",
        "[default]\naws_access_key_id = %ID%\naws_secret_access_key = %SECRET%\n",
    ),
    "dotenv": ("env/.env", "AWS_ACCESS_KEY_ID=%ID%\nAWS_SECRET_ACCESS_KEY=%SECRET%\n"),
    "shell export": (
        "env/up.sh",
        "#!/bin/sh\nexport AWS_ACCESS_KEY_ID='%ID%'\nexport AWS_SECRET_ACCESS_KEY='%SECRET%'\n",
    ),
    "aws configure set": (
        "env/setup.sh",
        (
            "aws configure set aws_access_key_id %ID% && \\\n"
            "aws configure set aws_secret_access_key %SECRET%\n"
        ),
    ),
    "s3cfg": (
        "tools/.s3cfg",
        "[default]\naccess_key = %ID%\nhost_base = s3.amazonaws.com\nsecret_key = %SECRET%\n",
    ),
    "rclone.conf": (
        "tools/rclone.conf",
        "[s3]\ntype = s3\naccess_key_id = %ID%\nsecret_access_key = %SECRET%\n",
    ),
    "boto": (
        "tools/.boto",
        "[Credentials]\naws_access_key_id = %ID%\naws_secret_access_key = %SECRET%\n",
    ),
    "passwd-s3fs": ("tools/.passwd-s3fs", "%ID%:%SECRET%\n"),
    "Hadoop XML": (
        "hadoop/core-site.xml",
        (
            "<configuration>\n"
            "<property><name>fs.s3a.access.key</name><value>%ID%</value></property>\n"
            "<property><name>fs.s3a.secret.key</name><value>%SECRET%</value></property>\n"
            "</configuration>\n"
        ),
    ),
    "Spark properties": (
        "hadoop/spark-defaults.conf",
        "spark.hadoop.fs.s3a.access.key  %ID%\nspark.hadoop.fs.s3a.secret.key  %SECRET%\n",
    ),
    "Java properties": (
        "java/application.properties",
        "cloud.aws.credentials.accessKey=%ID%\ncloud.aws.credentials.secretKey=%SECRET%\n",
    ),
    "Airflow connection": (
        "airflow/airflow.env",
        "AIRFLOW_CONN_AWS_DEFAULT='aws://%ID%:%URLSECRET%@/?region_name=eu-west-1'\n",
    ),
    "s3n URL": ("hadoop/job.sh", "hadoop distcp s3n://%ID%:%URLSECRET%@bucket/in hdfs:///out\n"),
    "Terraform provider": (
        "terraform/main.tf",
        (
            'provider "aws" {\n  region     = "eu-west-1"\n'
            '  access_key = "%ID%"\n  secret_key = "%SECRET%"\n}\n'
        ),
    ),
    "CloudFormation": (
        "cloudformation/stack.yaml",
        (
            "Resources:\n  Worker:\n    Properties:\n      Environment:\n        Variables:\n"
            "          ACCESS_KEY: %ID%\n          SECRET_KEY: %SECRET%\n"
        ),
    ),
    "CloudFormation parameters": (
        "cloudformation/parameters.json",
        (
            '[\n  {"ParameterKey": "AccessKey", "ParameterValue": "%ID%"},\n'
            '  {"ParameterKey": "SecretKey", "ParameterValue": "%SECRET%"}\n]\n'
        ),
    ),
    "Ansible": (
        "ansible/vars.yml",
        '---\naws_access_key: "%ID%"\naws_secret_key: "%SECRET%"\n',
    ),
    "Dockerfile ENV": (
        "docker/env/Dockerfile",
        "FROM scratch\nENV AWS_ACCESS_KEY_ID=%ID% \\\n    AWS_SECRET_ACCESS_KEY=%SECRET%\n",
    ),
    "Dockerfile ARG": (
        "docker/arg/Dockerfile",
        "FROM scratch\nARG AWS_ACCESS_KEY_ID=%ID%\nARG AWS_SECRET_ACCESS_KEY=%SECRET%\n",
    ),
    "docker compose": (
        "docker/compose.yml",
        (
            "services:\n  app:\n    environment:\n"
            "      - AWS_ACCESS_KEY_ID=%ID%\n      - AWS_SECRET_ACCESS_KEY=%SECRET%\n"
        ),
    ),
    "Jenkins XML": (
        "jenkins/credentials.xml",
        (
            "<com.cloudbees.jenkins.plugins.awscredentials.AWSCredentialsImpl>\n"
            "  <accessKey>%ID%</accessKey>\n  <secretKey>%SECRET%</secretKey>\n"
            "</com.cloudbees.jenkins.plugins.awscredentials.AWSCredentialsImpl>\n"
        ),
    ),
    "JSON of the IAM API": (
        "json/create-access-key.json",
        (
            '{"AccessKey": {"UserName": "ann", "AccessKeyId": "%ID%", "Status": "Active",\n'
            ' "SecretAccessKey": "%SECRET%", "CreateDate": "2024-03-01T10:00:00Z"}}\n'
        ),
    ),
    "git submodule URL": (
        ".gitmodules",
        (
            '[submodule "lib"]\n\tpath = lib\n'
            "\turl = https://%ID%:%URLSECRET%@git.example.com/lib.git\n"
        ),
    ),
    "node_modules": (
        "node_modules/uploader/config.js",
        'exports.accessKeyId = "%ID%";\nexports.secretAccessKey = "%SECRET%";\n',
    ),
    "export-ignore attribute": (
        "release/notes.env",
        "AWS_ACCESS_KEY_ID=%ID%\nAWS_SECRET_ACCESS_KEY=%SECRET%\n",
    ),
}

LOOSE = {
    "bare lines": ("loose/bare/key.txt", "%ID%\n%SECRET%\n"),
    "Markdown table": (
        "loose/wiki/Keys.md",
        "| who | key | secret |\n|---|---|---|\n| ann | %ID% | %SECRET% |\n",
    ),
    "comment in code": ("loose/comment/main.go", "package main\n\n// %ID% / %SECRET%\n"),
    "SQL dump": (
        "loose/sql/dump.sql",
        "INSERT INTO `keys` VALUES (1,'ann','%ID%','%SECRET%','2024-03-01');\n",
    ),
    "underscores beside the ID": (
        "loose/underscores/run.sh",
        "mv key_%ID%_old.txt /tmp\nSECRET_KEY=%SECRET%\n",
    ),
    "50 lines apart": (
        "loose/apart/notes.txt",
        "aws_access_key_id = %ID%\n" + "a note\n" * 49 + "aws_secret_access_key = %SECRET%\n",
    ),
    "PowerShell cmdlet": (
        "loose/powershell/login.ps1",
        "Set-AWSCredential -AccessKey %ID% `\n  -SecretKey %SECRET% -StoreAs me\n",
    ),
    "R": (
        "loose/r/analysis.R",
        (
            'Sys.setenv("AWS_ACCESS_KEY_ID" = "%ID%",\n'
            '           "AWS_SECRET_ACCESS_KEY" = "%SECRET%")\n'
        ),
    ),
    "Java constructor": (
        "loose/java/Upload.java",
        'class Upload {\n  Object c = new BasicAWSCredentials("%ID%", "%SECRET%");\n}\n',
    ),
    "Python call": (
        "loose/python/upload.py",
        (
            "import boto3\n\ns3 = boto3.client('s3', aws_access_key_id='%ID%',\n"
            "                  aws_secret_access_key='%SECRET%')\n"
        ),
    ),
}

CONCATENATED = {
    "concatenation in Python": (
        "glued/settings.py",
        'ACCESS_KEY = "%ID1%" + "%ID2%"\nSECRET_KEY = ("%S1%"\n              "%S2%")\n',
    ),
    "concatenation in JavaScript": (
        "glued/config.js",
        "const accessKeyId = '%ID1%' + '%ID2%';\nconst secretAccessKey = `%S1%` + `%S2%`;\n",
    ),
    "joined array in JavaScript": (
        "glued/joined.js",
        (
            'const accessKeyId = ["%ID1%", "%ID2%"].join("");\n'
            'const secretAccessKey = ["%S1%", "%S2%"].join("");\n'
        ),
    ),
    "concatenation in Java": (
        "glued/Config.java",
        (
            'class Config {\n  String accessKey = "%ID1%"\n      + "%ID2%";\n'
            '  String secretKey = "%S1%"\n      + "%S2%";\n}\n'
        ),
    ),
    "concatenation in Go": (
        "glued/config.go",
        (
            'package main\n\nconst accessKey = "%ID1%" + "%ID2%"\n'
            'const secretKey = "%S1%" +\n\t"%S2%"\n'
        ),
    ),
    "concatenation in PHP": (
        "glued/config.php",
        "<?php\n$access_key = '%ID1%' . '%ID2%';\n$secret_key = '%S1%'\n    . '%S2%';\n",
    ),
    "concatenation in shell": (
        "glued/config.sh",
        "AWS_ACCESS_KEY_ID=\"%ID1%\"'%ID2%'\nAWS_SECRET_ACCESS_KEY='%S1%'\"%S2%\"\n",
    ),
    "line continuation in shell": (
        "glued/continued.sh",
        'AWS_ACCESS_KEY_ID="%ID1%\\\n%ID2%"\nAWS_SECRET_ACCESS_KEY="%S1%\\\n%S2%"\n',
    ),
    "concatenation in PowerShell": (
        "glued/config.ps1",
        "$AccessKey = '%ID1%' + '%ID2%'\n$SecretKey = \"%S1%\" + \"%S2%\"\n",
    ),
    "concatenation in C": (
        "glued/config.c",
        'const char *access_key = "%ID1%" "%ID2%";\nconst char *secret_key = "%S1%"\n  "%S2%";\n',
    ),
    "concatenation in Visual Basic": (
        "glued/config.vb",
        'Dim accessKey = "%ID1%" & "%ID2%"\nDim secretKey = "%S1%" & "%S2%"\n',
    ),
}

WIDE = [f"column {n}" for n in range(28)]
TABLES = {
    "CSV columns far apart": (
        "tables/wide.csv",
        ",".join(["Access key ID", *WIDE, "Secret access key"])
        + "\n"
        + ",".join(["%ID%", *(f'"value, {n}"' for n in range(28)), "%SECRET%"])
        + "\n",
    ),
    "CSV without user": (
        "tables/accessKeys.csv",
        "Access key ID,Secret access key\n%ID%,%SECRET%\n",
    ),
    "rootkey.csv": ("tables/rootkey.csv", "AWSAccessKeyId=%ID%\nAWSSecretKey=%SECRET%\n"),
}

ALLOWED = (
    "# pragma: allowlist secret # gitleaks:allow # trufflehog:ignore"
    " # kingfisher:ignore # ggignore # nosec # noqa"
)
DEMOTED = {
    "allow pragmas": (
        "allowed/settings.ini",
        f"[s3]\naccess_key = %ID%  {ALLOWED}\nsecret_key = %SECRET%  {ALLOWED}\n",
    ),
    "allow-nextline pragma": (
        "allowed/next.py",
        (
            "# pragma: allowlist nextline secret\nAWS_ACCESS_KEY_ID = '%ID%'\n"
            "# pragma: allowlist nextline secret\nAWS_SECRET_ACCESS_KEY = '%SECRET%'\n"
        ),
    ),
    "package-lock.json": (
        "web/package-lock.json",
        (
            '{\n  "name": "web",\n  "lockfileVersion": 3,\n  "config": {\n'
            '    "accessKeyId": "%ID%",\n    "secretAccessKey": "%SECRET%"\n  }\n}\n'
        ),
    ),
}


def plain_texts() -> Iterator[Hideout]:
    """Each file that is a template filled with a pair."""
    for table in (SETTINGS, LOOSE, CONCATENATED, TABLES, DEMOTED):
        for name, (path, template) in table.items():
            pair = pair_for(name, having="/" if "%URLSECRET%" in template else "")
            text = pair.fill(template)
            first = line_of(template, "%ID")
            place = in_head(name, pair, path, first, set_aside=table is DEMOTED)
            yield Hideout(place, path, text.encode)


def two_files() -> Iterator[Hideout]:
    """One place that takes two files of a folder."""
    pair = pair_for("two sibling files")
    place = in_head(
        "two sibling files", pair, "split/key-id.txt", 1, also=("split/secret-key.txt",)
    )
    yield Hideout(place, "split/key-id.txt", f"aws_access_key_id={pair.id}\n".encode)
    yield Hideout(place, "split/secret-key.txt", f"aws_secret_access_key={pair.secret}\n".encode)


def texts() -> Iterator[Hideout]:
    """Every file in which a pair stands as plain text."""
    yield from plain_texts()
    yield from two_files()
    yield from signed_texts()
    yield from large_texts()

"""In: the path of a file that holds a key, or words about a user. Out: where the program runs.

A file of a known tool says it by its place in a repository; a tag or a name is a hint only.
"""

import re
from enum import StrEnum


class Platform(StrEnum):
    """Where a program can run that needs a role. The values are what a sentence calls them."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    BITBUCKET = "Bitbucket Pipelines"
    CIRCLECI = "CircleCI"
    CODEBUILD = "CodeBuild"
    ECS = "ECS"
    LAMBDA = "Lambda"
    EKS = "EKS"
    EC2 = "EC2"
    ELSEWHERE = "outside AWS"


_FILES = (
    (Platform.GITHUB, r"(.*/)?\.github/(workflows|actions)/.+\.ya?ml"),
    (Platform.GITLAB, r"(.*/)?([^/]*\.)?\.?gitlab-ci([^/]*)?\.ya?ml"),
    (Platform.BITBUCKET, r"(.*/)?bitbucket-pipelines\.ya?ml"),
    (Platform.CIRCLECI, r"(.*/)?\.circleci/.+\.ya?ml"),
    (Platform.CODEBUILD, r"(.*/)?buildspec[^/]*\.ya?ml"),
    (Platform.LAMBDA, r"(.*/)?(serverless\.(ya?ml|json|[jt]s)|samconfig\.toml|template\.ya?ml)"),
    (Platform.LAMBDA, r"(.*/)?(lambda_function\.py|\.chalice/config\.json|zappa_settings\.json)"),
    (Platform.ECS, r"(.*/)?[^/]*task[-_]?def(inition)?[^/]*\.(json|ya?ml)"),
    (Platform.ECS, r"(.*/)?((docker-)?compose[^/]*\.ya?ml|([^/]*\.)?dockerfile[^/]*)"),
    (Platform.EKS, r"(.*/)?(k8s|kubernetes|helm|charts|kustomize|manifests)/.+\.(ya?ml|tpl|json)"),
    (Platform.EKS, r"(.*/)?(kustomization|chart)\.ya?ml"),
    (Platform.EC2, r"(.*/)?(\.ebextensions/.+|(cloud-init|cloud-config|user-?data)[^/]*)"),
)
_WORDS = (
    (Platform.GITHUB, "github"),
    (Platform.GITLAB, "gitlab"),
    (Platform.BITBUCKET, "bitbucket"),
    (Platform.CIRCLECI, "circleci"),
    (Platform.CODEBUILD, "codebuild"),
    (Platform.LAMBDA, "lambda"),
    (Platform.ECS, "ecs|fargate"),
    (Platform.EKS, "eks|kubernetes|k8s"),
    (Platform.EC2, "ec2"),
)


def platform_of_path(path: str) -> Platform | None:
    """Where what the file describes runs; None where its path does not say.

    Of a file within an archive the innermost path counts.
    """
    inner = path.rpartition("!/")[2].lower()
    return next((each for each, form in _FILES if re.fullmatch(form, inner)), None)


def platform_of_words(text: str) -> Platform | None:
    """The platform that a name or a tag mentions as a word; None where it mentions none or two."""
    named = {each for each, word in _WORDS if re.search(rf"(?<![a-z0-9])({word})(?![a-z0-9])",
                                                        text.lower())}  # fmt: skip
    return named.pop() if len(named) == 1 else None

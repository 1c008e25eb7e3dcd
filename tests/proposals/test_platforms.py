"""Where a program runs, told by a file's place or by a word."""

import pytest

from analyzer.proposals.platforms import Platform, platform_of_path, platform_of_words


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        (".github/workflows/deploy.yml", Platform.GITHUB),
        ("app/.GitHub/workflows/x/ci.yaml", Platform.GITHUB),
        (".gitlab-ci.yml", Platform.GITLAB),
        ("ci/deploy.gitlab-ci.yml", Platform.GITLAB),
        ("bitbucket-pipelines.yml", Platform.BITBUCKET),
        (".circleci/config.yml", Platform.CIRCLECI),
        ("buildspec.prod.yml", Platform.CODEBUILD),
        ("deploy/web-task-definition.json", Platform.ECS),
        ("taskdef.json", Platform.ECS),
        ("docker-compose.override.yml", Platform.ECS),
        ("images/web.Dockerfile", Platform.ECS),
        ("serverless.yml", Platform.LAMBDA),
        ("src/.chalice/config.json", Platform.LAMBDA),
        ("k8s/web/deployment.yaml", Platform.EKS),
        ("helm/web/templates/secret.tpl", Platform.EKS),
        ("cloud-init.cfg", Platform.EC2),
        ("old.zip!/.github/workflows/x.yml", Platform.GITHUB),
        (".env", None),
        ("src/settings.py", None),
        ("docs/github/workflows.md", None),
    ],
)
def test_a_file_of_a_known_tool_says_where_it_runs(path, platform):
    """By its place in the repository, in an archive by the innermost path."""
    assert platform_of_path(path) is platform


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("github-actions-deploy", Platform.GITHUB),
        ("app on Fargate", Platform.ECS),
        ("seeks", None),
        ("ec2-and-lambda", None),
        ("", None),
    ],
)
def test_a_name_counts_by_whole_words_and_only_if_it_names_one_platform(text, platform):
    """`seeks` is no cluster, and two platforms are none."""
    assert platform_of_words(text) is platform

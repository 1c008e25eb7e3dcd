"""In: the regions to ask, and what to ask beside the account itself. Out: the export script's text.

The account owner reads it, runs it where the AWS CLI is signed in, and hands over its pack.
"""

import re
import shlex
from enum import StrEnum
from itertools import groupby
from textwrap import wrap

from jinja2 import Environment, FunctionLoader, StrictUndefined

from analyzer import __version__
from analyzer.errors import ConfigurationError
from analyzer.writers.collect_rights import needed_actions, role_template
from analyzer.writers.templates import template_root

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")
_ROLE = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")
_BEYOND_AUDIT = frozenset(
    {
        "access-analyzer:GenerateFindingRecommendation",
        "access-analyzer:GetFindingRecommendation",
        "account:GetContactInformation",
        "sts:AssumeRole",
    }
)
"""Actions that version 94 of the managed policy SecurityAudit leaves out."""


class LastAccessed(StrEnum):
    """Whether each user and role is asked for what it last used, and how exactly."""

    AUTO = "auto"
    """By action in a small account, by service in a larger one, and not in a very large one."""
    ACTION = "action"
    SERVICE = "service"
    NONE = "none"


def collect_script(
    *,
    regions: tuple[str, ...] = (),
    last_accessed: LastAccessed = LastAccessed.AUTO,
    extended: bool = False,
    organization: str = "",
) -> str:
    """Return the bash script that exports an account's IAM evidence into one `.tar.gz`.

    The same arguments give the same bytes. Every call in it reads. Without `regions` it asks AWS
    which ones the account has switched on. `extended` adds what runs with which role, and the
    policies of buckets, keys, secrets and functions. `organization` is the name of a role: the
    script then makes one pack of each account of the organization, through that role. A name that
    isn't a region's or a role's raises ConfigurationError: it would otherwise stand in a script
    that a stranger runs.
    """
    for region in regions:
        if not _REGION.fullmatch(region):
            raise ConfigurationError(
                f"{region!r} is not the name of an AWS region",
                where="--region",
                remedy="Write it as AWS does, such as eu-west-1",
            )
    if organization and not _ROLE.fullmatch(organization):
        raise ConfigurationError(
            f"{organization!r} is not the name of a role",
            where="--organization",
            remedy="Give its name without path or ARN, such as credaudit",
        )
    given = {
        "version": __version__,
        "regions": " ".join(shlex.quote(region) for region in regions),
        "last_accessed": last_accessed.value,
        "extended": extended,
        "organization": organization,
    }
    # What the script calls decides what its head and its role template say of rights.
    member = _render({**given, "organization": "", "rights": (), "role_template": ""})
    whole = _render({**given, "rights": (), "role_template": ""})
    return _render(
        {
            **given,
            "rights": _by_service(needed_actions(whole)),
            "role_template": role_template(member, organization) if organization else "",
        }
    )


def _render(given: dict[str, object]) -> str:
    # The markers of Jinja's own choice are bash: `${#list[@]}` would open a comment. With these
    # ones the template is itself a shell script, so an editor and shellcheck can read it.
    shell = Environment(
        line_statement_prefix="#%",
        block_start_string="@%",
        block_end_string="%@",
        variable_start_string="@{",
        variable_end_string="}@",
        comment_start_string="@#",
        comment_end_string="#@",
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_template),
        autoescape=False,  # noqa: S701 - shell, not HTML; what goes in is checked and quoted here
    )
    return shell.get_template("collect.sh.j2").render(given)


def _template(name: str) -> str:
    return template_root().joinpath(*name.split("/")).read_text(encoding="utf-8")


def _by_service(actions: tuple[str, ...]) -> list[str]:
    """Lines with the actions' names by service, an asterisk at those that SecurityAudit lacks."""
    marked = [f"{each}*" if each in _BEYOND_AUDIT else each for each in actions]
    return [
        line
        for service, names in groupby(marked, lambda each: each.partition(":")[0])
        for line in wrap(
            f"{service}: {', '.join(each.partition(':')[2] for each in names)}",
            width=90,
            subsequent_indent="  ",
        )
    ]

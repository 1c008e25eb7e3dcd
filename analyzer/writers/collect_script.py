"""In: the regions to ask, and whether to ask what was last used. Out: the export script's text.

The account owner reads it, runs it where the AWS CLI is signed in, and hands over its pack.
"""

import re
import shlex

from jinja2 import Environment, StrictUndefined

from analyzer import __version__
from analyzer.errors import ConfigurationError
from analyzer.writers.templates import template_root

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")


def collect_script(*, regions: tuple[str, ...] = (), last_accessed: bool = False) -> str:
    """Return the bash script that exports an account's IAM evidence into one `.tar.gz`.

    The same arguments give the same bytes. Every call in it reads. Without `regions` it asks AWS
    which ones the account has switched on. `last_accessed` adds, for each user and role, the
    services used and when; that takes minutes in a large account. A name that isn't a region's
    raises ConfigurationError: it would otherwise stand in a script that a stranger runs.
    """
    for region in regions:
        if not _REGION.fullmatch(region):
            raise ConfigurationError(
                f"{region!r} is not the name of an AWS region",
                where="--region",
                remedy="Write it as AWS does, such as eu-west-1",
            )
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
        autoescape=False,  # noqa: S701 - shell, not HTML; what goes in is checked and quoted here
    )
    template = shell.from_string((template_root() / "collect.sh.j2").read_text(encoding="utf-8"))
    return template.render(
        version=__version__,
        regions=" ".join(shlex.quote(region) for region in regions),
        last_accessed=last_accessed,
    )

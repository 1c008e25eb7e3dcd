"""`credaudit propose`: the smallest rights, the groups and the roles that would be enough."""

from analyzer.cli.lazy_group import LazyGroup

command = LazyGroup(
    name="propose",
    commands_in={
        "policies": "analyzer.cli.propose_policies",
        "groups": "analyzer.cli.propose_groups",
        "roles": "analyzer.cli.propose_roles",
    },
    help="""Propose what would be enough, from the exports alone.

    Nothing is changed: each answer prints the commands, or Terraform, for whoever decides.
    """,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

"""`credaudit rules`: the catalogue; one check explained."""

import click

from analyzer.errors import ConfigurationError
from analyzer.rules.catalogue import CheckEntry, load_catalogue


@click.command("rules")
@click.argument("rule", required=False, metavar="[ID]")
def command(rule: str | None) -> None:
    """List all checks, or explain the one called ID."""
    catalogue = load_catalogue()
    if rule is None:
        for chapter in catalogue.chapters:
            click.echo(f"\n{chapter.title}")
            for entry in catalogue.entries.values():
                if entry.practice is chapter.practice:
                    click.echo(f"  {entry.severity.value:8}  {entry.id}")
        return
    found = catalogue.entries.get(rule)
    if found is None:
        raise ConfigurationError("no check has this id", where=rule, remedy="See `credaudit rules`")
    _explain(found)


def _explain(entry: CheckEntry) -> None:
    click.echo(f"{entry.id}: {entry.title}")
    click.echo(f"  practice  {', '.join(each.value for each in entry.practices)}")
    click.echo(f"  severity  {entry.severity.value}, confidence {entry.confidence.value}")
    click.echo(f"  needs     {' or '.join(' + '.join(each) for each in entry.inputs)}")
    click.echo(f"  expected  {entry.expected}")
    click.echo(f"  why       {entry.why}")
    click.echo(f"  fix       {entry.fix}")
    for line in entry.commands:
        click.echo(f"            {line}")
    for name, ids in entry.controls.items():
        click.echo(f"  {name:9} {', '.join(ids)}")

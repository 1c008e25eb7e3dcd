"""`credaudit key`: what a key ID says by itself."""

import click

from analyzer.errors import ConfigurationError
from analyzer.leaks.key_id import decode_account

KINDS = {
    "AKIA": "long-term access key of a user or of root",
    "ASIA": "temporary access key of a session; useless without its session token",
    "ABIA": "STS service bearer token",
    "ACCA": "ID of a service-specific credential, not a key",
    "AGPA": "ID of a group",
    "AIDA": "ID of a user",
    "AIPA": "ID of an instance profile",
    "ANPA": "ID of a managed policy",
    "ANVA": "ID of a policy version",
    "APKA": "ID of a public key",
    "AROA": "ID of a role",
    "ASCA": "ID of a certificate",
}
"""AWS IAM User Guide, "IAM identifiers: unique IDs"."""


@click.command("key")
@click.argument("key_id", metavar="AKIA...")
def command(key_id: str) -> None:
    """Say what a key ID tells by itself, offline: its kind and its account."""
    kind = KINDS.get(key_id[:4])
    if kind is None:
        raise ConfigurationError("is no AWS identifier", where=key_id[:4])
    click.echo(f"kind     {kind}")
    account = decode_account(key_id)
    click.echo(f"account  {account or 'none can be read from it (old format, or no real ID)'}")

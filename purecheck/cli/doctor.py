"""`purecheck doctor`: which features work on this machine, and what is missing."""

import click

from purecheck.runtime.capabilities import abilities
from purecheck.runtime.environment import required_versions


@click.command("doctor")
def command() -> int:
    """Show which features work on this machine, and what is missing.

    Example: purecheck doctor
    """
    for ability in abilities():
        mark = click.style("yes", fg="green") if ability.available else click.style("no ", fg="yellow")
        click.echo(f"{mark}  {ability.name}: {ability.detail}")
    click.echo("versions: " + ", ".join(f"{name} {version}" for name, version in required_versions().items()))
    return 0

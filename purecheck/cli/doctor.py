"""`purecheck doctor`: what this machine can run, and why not the rest."""

import click

from purecheck.runtime.capabilities import abilities
from purecheck.runtime.environment import required_versions


@click.command("doctor")
def command() -> int:
    """Tells what this machine can run, and why not the rest."""
    for ability in abilities():
        mark = click.style("yes", fg="green") if ability.available else click.style("no ", fg="yellow")
        click.echo(f"{mark}  {ability.name}: {ability.detail}")
    click.echo("versions: " + ", ".join(f"{name} {version}" for name, version in required_versions().items()))
    return 0

"""`purecheck new-claim`: the files of a claim in a package of its own."""

import re
from keyword import iskeyword
from pathlib import Path

import click

from purecheck.cli.new_claim_files import claim_files
from purecheck.cli.paths import make_folder
from purecheck.cli.stated import stated
from purecheck.io.files import write_all


@click.command("new-claim")
@click.argument("identifier", metavar="ID")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path("my-claims"),
    show_default=True,
    help="Folder of the package; made if it does not exist. Its name becomes that of the package.",
)
@click.pass_context
def command(ctx: click.Context, identifier: str, out: Path) -> int:
    """Write the statement, check, control and test of a new claim ID, in a package of its own.

    The test fails until you have replaced the formula and its range. After `pip install -e DIR` the commands claims,
    check and report, and `pytest --purecheck`, include the claim.

    Example: purecheck new-claim F1 --out my-claims
    """
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", identifier):
        raise click.UsageError(f"ID was {identifier!r}; expected a capital letter, then letters and digits, such as F1")
    if identifier in {claim["id"] for claim in stated(ctx)}:
        raise click.UsageError(f"ID was {identifier!r}; expected an id that no claim has yet: ids are never used again")
    package = re.sub(r"\W+", "_", out.resolve().name).lower()
    if not package.isidentifier() or iskeyword(package):
        raise click.UsageError(f"--out was {str(out)!r}; expected a name that a Python package can have")
    files = claim_files(identifier, package)
    own = [name for name in files if Path(name).stem in (identifier.lower(), f"test_{identifier.lower()}")]
    for name in own:
        if (out / name).exists():
            raise click.UsageError(
                f"ID was {identifier!r}; expected a claim that is not there yet: {out / name} exists"
            )
    make_folder(out, "--out")
    new = {name: text for name, text in files.items() if not (out / name).exists()}
    write_all(out, new)
    for name in new:
        click.echo(f"written: {out / name}")
    if "pyproject.toml" not in new:
        click.echo(f'add to {out / "pyproject.toml"}: {identifier} = "{package}.{identifier.lower()}"')
    click.echo(f"next: replace the formula and its range in {out / own[0]}, then run pytest in {out}")
    return 0

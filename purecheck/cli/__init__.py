"""The command line, one file for each command; a command is imported when it is called."""

import sys
import unicodedata
from _thread import interrupt_main
from collections.abc import Sequence
from threading import Timer
from typing import Any

import click

from numerics.divergence import DivergedError
from purecheck.cli.lazy import LazyGroup, Places, installed, own
from purecheck.cli.output import close_output, obeys_codes, printable
from purecheck.cli.problems import of_the_suite, of_the_system, one_line
from purecheck.cli.process import settle
from purecheck.enclosures.problems import NotEnclosedError

NOT_AS_CLAIMED, BAD_USAGE, FAULT, INTERRUPTED = 1, 2, 70, 130
"""Exit status, beside 0 for "everything asked for is as claimed"."""

COMMANDS = {
    "claims": "Lists every claim: what is stated, where it comes from, what it rests on, how it is checked.",
    "check": "Checks the claims CLAIM (all where none is named) and everything that they depend on.",
    "report": "Checks the claims CLAIM (all where none is named) and writes a report that opens in any browser.",
    "evaluate": "Evaluates QUANTITY at a point, exactly where it is rational.",
    "simulate": "Trains replicas of the gated network, or of one with another activation, and measures them.",
    "audit": "Audits a hidden layer: WEIGHTS is .npz (W, a or C, b, M, activation) or a .safetensors state_dict.",
    "bench": "Times the training step, attacks, the head, the sampler and the quick report, everyone on as many cores.",
    "doctor": "Tells what this machine can run, and why not the rest.",
}
"""What each command does, the first sentence of its help, so that it is told without importing SymPy for it.

Command `x` is `command` in `purecheck.cli.x`; further ones are entry points of the group `purecheck.commands`.
"""


def _places() -> Places:
    """The commands of the suite, then those of installed packages, which take no name of the suite's."""
    places = own("purecheck.cli", COMMANDS)
    return {**places, **{name: place for name, place in installed().items() if name not in places}}


@click.group(
    cls=LazyGroup,
    find=_places,
    words=COMMANDS,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="purecheck")
def cli() -> None:
    """Derives, checks and measures the theory of feature purification by adversarial pre-training.

    Exit status: 0, everything asked for is as claimed; 1, something is refuted, undecided or void, or was asked for by
    name and not run; 2, bad usage or a fault of the system; 70, a fault of the suite itself; 130, interrupted.
    """


def main(arguments: Sequence[str] | None = None, **settings: Any) -> int:
    """Run one command and return its exit status; what the user or the system got wrong is told in one line.

    Parameters
    ----------
    arguments
        The command line without the program's name; that of this process where None.
    settings
        Passed on to the click context; `obj` is the ledger to use instead of the suite's own.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not obeys_codes():
        settings.setdefault("color", False)
    try:
        _expect_text(given)
        with cli.make_context("purecheck", given, **settings) as ctx:
            status = int(cli.invoke(ctx) or 0)
        sys.stdout.flush()
        return status
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as problem:
        return _print_problem(one_line(problem), BAD_USAGE)
    except NotEnclosedError as problem:
        return _print_problem(f"undecided: {problem}", NOT_AS_CLAIMED)
    except DivergedError as problem:
        return _print_problem(str(problem), BAD_USAGE)
    except KeyboardInterrupt:
        return _print_problem("interrupted", INTERRUPTED)
    except BrokenPipeError:  # whoever read standard output has gone, as `head` does: nobody wants a line about it
        return BAD_USAGE
    except (OSError, MemoryError) as problem:
        return _print_problem(of_the_system(problem), BAD_USAGE)
    finally:
        close_output()


def run() -> int:
    """Run the program `purecheck`: settings of the whole process first, then `main`; faults end here."""
    sys.unraisablehook = _interrupt_again
    try:
        try:
            settle()
        except click.UsageError as problem:
            return _print_problem(one_line(problem), BAD_USAGE)
        except OSError as problem:
            return _print_problem(of_the_system(problem), BAD_USAGE)
        return main()
    except Exception as problem:
        return _print_problem(of_the_suite(problem), FAULT)


def _expect_text(arguments: Sequence[str]) -> None:
    """A problem of usage where an argument holds characters that terminals obey: it would be printed again."""
    for one in arguments:
        if any(unicodedata.category(character) == "Cc" for character in one):
            raise click.UsageError(f"an argument was {one[:80]!r}; expected no control characters in it")


def _interrupt_again(lost: "sys.UnraisableHookArgs") -> None:
    """Repeats an interrupt that came while a callback of the garbage collector ran, where Python drops exceptions."""
    if lost.exc_type is KeyboardInterrupt:
        Timer(0.1, interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _print_problem(line: str, status: int) -> int:
    try:
        click.echo(f"purecheck: {printable(' '.join(line.split()))}", err=True)
    except OSError:  # standard error is gone as well; the status is all that is left to say
        close_output()
    return status

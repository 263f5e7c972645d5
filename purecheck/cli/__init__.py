"""The command line, one file for each command; a command is imported when it is called."""

import os
import sys
import unicodedata
from _thread import interrupt_main
from collections.abc import Sequence
from threading import Timer
from typing import Any

import click
from click.shell_completion import shell_complete

from numerics.divergence import DivergedError
from purecheck.cli.lazy import LazyGroup, Places, installed, own
from purecheck.cli.output import close_output, obeys_codes, printable
from purecheck.cli.problems import of_the_suite, of_the_system, one_line
from purecheck.cli.process import settle
from purecheck.enclosures.problems import NotEnclosedError
from purecheck.runtime.packages import PackageError

NOT_AS_CLAIMED, BAD_USAGE, FAULT, INTERRUPTED = 1, 2, 70, 130
"""Exit statuses other than 0, which means that everything requested is as claimed."""

_COMPLETE = "_PURECHECK_COMPLETE"
"""The variable by which a shell asks for completions; its value names the shell, e.g. `bash_source`."""

COMMANDS = {
    "claims": "List the claims CLAIM (default: all): statement, source, dependencies and checks.",
    "check": "Check the claims CLAIM (default: all) and everything that they depend on.",
    "report": "Check the claims CLAIM (default: all) and write a report that opens in any browser.",
    "evaluate": "Evaluate QUANTITY at a point, exactly if the value is rational.",
    "falsify": "Search for a counterexample to CLAIM or CLAIM/CLAUSE, and print the smallest one that is found.",
    "simulate": "Train replicas of a network with one hidden layer and measure their purity and robustness.",
    "audit": "Audit a network: WEIGHTS is .npz, .safetensors, .pt, .onnx or .skops.",
    "bench": "Measure the speed of training, attacks, heads, sampling and the quick report beside other libraries.",
    "new-claim": "Write the statement, check, control and test of a new claim ID, in a package of its own.",
    "schema": 'Print the JSON Schema of the files whose field "schema" is NAME.',
    "doctor": "Show which features work on this machine, and what is missing.",
}
"""What each command does: the first sentence of its help, so that listing the commands does not import SymPy.

Command `x` is `command` in `purecheck.cli.x`. Other packages add commands in the group `purecheck.commands`.
"""


def _places() -> Places:
    """The commands of the suite, then those of installed packages, which cannot replace a command of the suite."""
    places = own("purecheck.cli", COMMANDS)
    return {**places, **{name: place for name, place in installed().items() if name not in places}}


@click.group(
    cls=LazyGroup,
    find=_places,
    descriptions=COMMANDS,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="purecheck")
def cli() -> None:
    """Derives, checks and measures the theory of feature purification by adversarial pre-training.

    Exit status: 0 if everything that you requested is as claimed; 1 if something is refuted, undecided or void, or if
    a claim that you named was not run; 2 for bad usage or a system error; 70 for a bug in purecheck; 130 if
    interrupted.
    """


def main(arguments: Sequence[str] | None = None, **settings: Any) -> int:
    """Run one command and return its exit status; an error of the user or the system is printed in one line.

    Parameters
    ----------
    arguments
        The command line without the name of the program; the command line of this process if None.
    settings
        Passed to the click context; `obj` is the ledger to use instead of the ledger of the suite.
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
    except (DivergedError, PackageError) as problem:
        return _print_problem(str(problem), BAD_USAGE)
    except KeyboardInterrupt:
        return _print_problem("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of standard output has closed it, as `head` does: no message is wanted
        return BAD_USAGE
    except (OSError, MemoryError) as problem:
        return _print_problem(of_the_system(problem), BAD_USAGE)
    finally:
        close_output()


def run() -> int:
    """Run the program `purecheck`: first the settings of the whole process, then `main`; bugs are reported here."""
    sys.unraisablehook = _interrupt_again
    try:
        try:
            settle()
        except click.UsageError as problem:
            return _print_problem(one_line(problem), BAD_USAGE)
        except OSError as problem:
            return _print_problem(of_the_system(problem), BAD_USAGE)
        if _COMPLETE in os.environ:
            return _complete(os.environ[_COMPLETE])
        return main()
    except Exception as problem:
        return _print_problem(of_the_suite(problem), FAULT)


def _complete(asked: str) -> int:
    """Print completions, or the code by which a shell asks for them."""
    if shell_complete(cli, {}, "purecheck", _COMPLETE, asked) == 0:
        return 0
    return _print_problem(f"{_COMPLETE} was {asked[:40]!r}; expected bash_source, zsh_source or fish_source", BAD_USAGE)


def _expect_text(arguments: Sequence[str]) -> None:
    """Refuse an argument that holds control characters: it would be printed again."""
    for one in arguments:
        if any(unicodedata.category(character) == "Cc" for character in one):
            raise click.UsageError(f"an argument was {one[:80]!r}; expected no control characters in it")


def _interrupt_again(lost: "sys.UnraisableHookArgs") -> None:
    """Repeat an interrupt that arrived while the garbage collector ran a callback, where Python drops exceptions."""
    if lost.exc_type is KeyboardInterrupt:
        Timer(0.1, interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


def _print_problem(line: str, status: int) -> int:
    try:
        click.echo(f"purecheck: {printable(' '.join(line.split()))}", err=True)
    except OSError:  # standard error is closed as well; only the status is left to report
        close_output()
    return status

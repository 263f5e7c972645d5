"""Groups of commands that are imported one by one, when they are named."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

FURTHER = "purecheck.commands"
"""Entry points of this group, of any installed package, become commands of `purecheck`."""

_LONGEST = 200
"""Characters of what a command does, at most."""

Places = Mapping[str, EntryPoint]
"""Where each command is found, by its name, in the order of use."""


class LazyGroup(click.Group):
    """A group whose commands are imported one by one, when they are named.

    Parameters
    ----------
    find
        Where each command is found; asked for once, when it is needed.
    words
        What commands do, in a sentence each, so that listing them imports none; others are imported for theirs.
    """

    def __init__(
        self, *args: Any, find: Callable[[], Places], words: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self._find = find
        self._words = words or {}

    @cached_property
    def places(self) -> Places:
        """Where each command is found."""
        return self._find()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of use."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        if cmd_name not in self.places:
            return None
        command: click.Command = self.places[cmd_name].load()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes every command with what it does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._word(ctx, name)) for name in self.list_commands(ctx)])

    def _word(self, ctx: click.Context, name: str) -> str:
        if name in self._words:
            return self._words[name]
        command = self.get_command(ctx, name)
        return "" if command is None else command.get_short_help_str(_LONGEST)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` name; a usage error that lists the commands if there is none."""
        if args and args[0] not in self.places:
            raise click.UsageError(f"COMMAND was {args[0]!r}; expected one of {', '.join(self.places)}", ctx)
        return super().resolve_command(ctx, args)


def own(package: str, names: Iterable[str]) -> Places:
    """The places of commands kept as `command` in the module of their name in `package`."""
    return {name: EntryPoint(name, f"{package}.{name}:command", FURTHER) for name in names}


def installed() -> Places:
    """The places of the commands that installed packages offer, in the order of their names."""
    return {one.name: one for one in sorted(entry_points(group=FURTHER), key=lambda one: one.name)}

"""Groups of commands, each of which is imported when it is called."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click
from click.shell_completion import CompletionItem

from purecheck.runtime.choices import unknown

FURTHER = "purecheck.commands"
"""Entry points of this group, in any installed package, become commands of `purecheck`."""

_LONGEST = 200
"""Longest description of a command, in characters."""

Places = Mapping[str, EntryPoint]
"""The entry point of each command by its name, in the order of the list of commands."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called.

    Parameters
    ----------
    find
        Returns the entry point of each command; called once, when it is needed.
    descriptions
        One sentence for each command, so that listing the commands imports none of them. A command without one is
        imported for its help.
    """

    def __init__(
        self, *args: Any, find: Callable[[], Places], descriptions: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self._find = find
        self._descriptions = descriptions or {}

    @cached_property
    def places(self) -> Places:
        """The entry point of each command."""
        return self._find()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None if there is none."""
        if cmd_name not in self.places:
            return None
        command: click.Command = self.places[cmd_name].load()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every command with its description."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._description(ctx, name)) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that continue `incomplete`, which imports none of those that have a description."""
        commands = [
            CompletionItem(name, help=self._description(ctx, name))
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]

    def _description(self, ctx: click.Context, name: str) -> str:
        if name in self._descriptions:
            return self._descriptions[name]
        command = self.get_command(ctx, name)
        return "" if command is None else command.get_short_help_str(_LONGEST)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` name; a usage error that lists the commands if there is none."""
        if args and args[0] not in self.places and not ctx.resilient_parsing:
            raise click.UsageError(unknown("COMMAND", args[0], self.places, one=True), ctx)
        return super().resolve_command(ctx, args)


def own(package: str, names: Iterable[str]) -> Places:
    """The entry points of commands that are `command` in the module of their name in `package`."""
    return {name: EntryPoint(name, f"{package}.{name.replace('-', '_')}:command", FURTHER) for name in names}


def installed() -> Places:
    """The entry points of the commands of installed packages, in the order of their names."""
    return {one.name: one for one in sorted(entry_points(group=FURTHER), key=lambda one: one.name)}

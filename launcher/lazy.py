"""Commands that are imported only when they are used: most of them bring libraries that take a second to load."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand


class LazyCommand(TyperCommand):
    """Stands in the list of commands for a Typer function or group elsewhere, named like `package.module:name`."""

    def __init__(self, name: str, target: str, summary: str) -> None:
        super().__init__(name=name, help=summary)
        self._target = target

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """From here on the real command takes over: its options, its help, its errors."""
        return self._load().make_context(info_name, args, parent, **extra)

    def _load(self) -> Any:
        module, _, name = self._target.partition(":")
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        only = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        only.command(name=self.name)(found)
        return typer.main.get_command(only)

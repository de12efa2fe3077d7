"""The project's own Python, as text and as trees."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGES = ("services", "shared", "launcher")
SERVICES = ("intake", "router", "desk", "notifier")


def python_files(*folders: str) -> list[Path]:
    """Every module below these folders of the project."""
    return sorted(file for folder in folders for file in (PROJECT / folder).rglob("*.py"))


def tree(file: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(file.read_text("utf-8"), filename=str(file))


def shown(file: Path) -> str:
    """The file as a test names it."""
    return file.relative_to(PROJECT).as_posix()


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def strings(module: ast.Module) -> Iterator[str]:
    """Every string that code uses, an f-string with `?` for what is filled in; docstrings are not among them."""
    passed = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named(names: Iterable[str]) -> str:
    """For messages."""
    return ", ".join(sorted(names))

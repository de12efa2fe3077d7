"""What may import what, and what an import may do."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PACKAGES, PROJECT, python_files

IMPORT_EVERYTHING = """
import os, sys

OUTWARD = {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.fork"}
get = os._Environ.__getitem__

def told(name, arguments):
    if name in OUTWARD:
        raise AssertionError(f"{name}{arguments} while importing")

def asked(environment, name):
    if name.startswith("LAKSA_"):
        raise AssertionError(f"{name} was read while importing")
    return get(environment, name)

sys.addaudithook(told)
os._Environ.__getitem__ = asked
for module in sys.argv[1:]:
    try:
        __import__(module)
    except Exception as error:
        sys.exit(f"importing {module}: {error!r}")
"""


def imported_alone(*modules: str, path: Path = PROJECT) -> str:
    """What goes wrong when these modules are imported in an empty environment; nothing when all is well."""
    ended = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, *modules],
        cwd=path,
        env={"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stderr if ended.returncode else ""


def test_imports_keep_to_their_contracts() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [program, "--no-cache"], cwd=PROJECT, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_importing_any_module_connects_to_nothing_and_reads_no_setting() -> None:
    files = [file.relative_to(PROJECT).with_suffix("") for file in python_files(*PACKAGES)]
    modules = [".".join(file.parts).removesuffix(".__init__") for file in files]
    assert len(modules) > 80
    assert imported_alone(*modules) == ""


def test_a_module_that_connects_or_reads_a_setting_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text("import socket; socket.create_connection(('127.0.0.1', 9))")
    (tmp_path / "reader.py").write_text("import os; os.environ.get('LAKSA_POSTGRES_DSN')")
    assert "while importing" in imported_alone("caller", path=tmp_path)
    assert "LAKSA_POSTGRES_DSN was read while importing" in imported_alone("reader", path=tmp_path)

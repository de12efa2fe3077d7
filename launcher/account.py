"""Whom a server runs as that refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.errors import LauncherError


@dataclass(frozen=True)
class Account:
    """A user of this machine without privileges. It needs an entry in passwd: Postgres looks its own name up."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)


def become(account: Account | None) -> dict[str, Any]:
    """What to tell `subprocess` so that the child runs as this account; nothing for ours."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": ()}


def unprivileged_account() -> Account | None:
    """The user to become for a server that refuses root: `postgres`, else `nobody`; None when we are not root."""
    if os.geteuid() != 0:
        return None
    by_name = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if entry := by_name.get(name):
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise LauncherError(
        "Postgres does not run as root, and this machine has neither a user `postgres` nor `nobody`.",
        remedy="create one (useradd --system postgres), or run LAKSA as an ordinary user",
    )

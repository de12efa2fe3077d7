"""Everything that must exist before a service starts: the tables and the topics. `python -m launcher.provision`.

Reads LAKSA_POSTGRES_DSN and LAKSA_KAFKA_BOOTSTRAP like the services; what is there already stays as it is.
"""

import asyncio
import os
import sys

from launcher.migrate import migrate
from shared.kafka import provision_topics


async def provision(dsn: str, bootstrap: list[str]) -> None:
    """Migrate the database and create the missing topics."""
    for name in await migrate(dsn):
        sys.stdout.write(f"migrated {name}\n")
    for name in await provision_topics(bootstrap):
        sys.stdout.write(f"created {name}\n")


if __name__ == "__main__":
    asyncio.run(provision(os.environ["LAKSA_POSTGRES_DSN"], os.environ["LAKSA_KAFKA_BOOTSTRAP"].split(",")))

"""Whether a broker answers: an open port is not enough, its metadata may still be loading."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError


def answers_metadata(bootstrap: str) -> bool:
    """Ask once which brokers there are. Blocks for at most about 3 s; not to be called from a running event loop."""
    return asyncio.run(_knows_a_broker(bootstrap))


async def _knows_a_broker(bootstrap: str) -> bool:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await asyncio.wait_for(client.start(), timeout=3)
        cluster = await client.describe_cluster()
        return bool(cluster["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await client.close()

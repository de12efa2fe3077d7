"""The Kafka node of a system, whatever this machine has."""

from launcher.kafka.node import KafkaNode
from launcher.kafka.runtime import provide_runtime
from launcher.kafka.training import provide_archives
from launcher.paths import Paths
from launcher.ports import free_port


def provide_kafka(paths: Paths, *, port: int | None = None, controller_port: int | None = None) -> KafkaNode:
    """The node that keeps its data in `paths`, on these ports, or on any free ones.

    Fetches the jars and trains the class archives when this user has neither. Never call it in a running event loop.
    """
    runtime = provide_runtime(paths)
    archives = provide_archives(paths, runtime)
    chosen = port or free_port()
    return KafkaNode(
        home=paths.kafka,
        log=paths.log("kafka"),
        runtime=runtime,
        archives=archives,
        port=chosen,
        controller_port=controller_port or free_port(besides={chosen}),
    )

"""One real Apache Kafka node, run from jars that Maven or pip brought and a committed list of hashes vouches for."""

from launcher.kafka.node import KafkaNode
from launcher.kafka.provide import provide_kafka

__all__ = ["KafkaNode", "provide_kafka"]

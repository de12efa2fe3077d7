"""Let a Java see Kafka work once, and keep what it learnt."""

import asyncio
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from launcher.errors import LauncherError
from launcher.filelock import locked
from launcher.kafka.archives import ArchiveFiles, Archives
from launcher.kafka.node import KafkaNode
from launcher.kafka.runtime import Runtime, kafka_cache
from launcher.paths import Paths
from launcher.ports import free_port
from launcher.process import running

_TOPIC = "training"
_RECORDS = 200

logger = logging.getLogger(__name__)


def archive_files(paths: Paths, runtime: Runtime) -> ArchiveFiles:
    """Where the archives of this Java and these jars lie, trained or not."""
    return ArchiveFiles(runtime.java, kafka_cache(paths) / f"java-{runtime.java.major}-{runtime.java.key}")


def provide_archives(paths: Paths, runtime: Runtime) -> Archives:
    """The archives of this Java and these jars; the first time they are trained, which takes some 10 s."""
    files = archive_files(paths, runtime)
    if not files.folder.exists():
        with locked(files.folder.with_name(f"{files.folder.name}.lock"), wait=True):
            if not files.folder.exists():
                _train_once(files, runtime, paths.log("kafka-training"))
    return files.used() if files.complete else Archives()


def _train_once(files: ArchiveFiles, runtime: Runtime, log: Path) -> None:
    """Train into the folder. It stays empty when that fails, so the next start is slower but does not try again."""
    with tempfile.TemporaryDirectory(dir=files.folder.parent, prefix=".train-") as scratch:
        trained = ArchiveFiles(files.java, Path(scratch) / "archives")
        trained.folder.mkdir()
        try:
            _train(trained, runtime, Path(scratch) / "kafka", log)
        except LauncherError as error:
            logger.warning("Kafka will start without class archives, some seconds slower. %s", error)
        os.replace(trained.folder, files.folder)


def _train(files: ArchiveFiles, runtime: Runtime, home: Path, log: Path) -> None:
    port = free_port()
    controller_port = free_port(besides={port})
    node = KafkaNode(home, log, runtime, files.written(), port, controller_port, stop_seconds=120)
    with running(node), _without_aiokafka_log():
        asyncio.run(_work(node.bootstrap))
    if not files.complete:
        raise LauncherError("The Java wrote no class archives.", remedy="see its log", log=log)


@contextmanager
def _without_aiokafka_log() -> Iterator[None]:
    """The first group of a new broker waits for its coordinator, which aiokafka reports as errors and outlasts."""
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


async def _work(bootstrap: str) -> None:
    """What our services ask of a broker: topics, idempotent batches, a group that commits."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(_TOPIC, num_partitions=4, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, compression_type="gzip"
    ) as producer:
        sent = [await producer.send(_TOPIC, b"x" * 500, key=str(number).encode()) for number in range(_RECORDS)]
        await asyncio.gather(*sent)
    async with AIOKafkaConsumer(
        _TOPIC, bootstrap_servers=bootstrap, group_id=_TOPIC, auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        received = 0
        while received < _RECORDS:
            batches = await consumer.getmany(timeout_ms=1000)
            received += sum(len(records) for records in batches.values())
        await consumer.commit()

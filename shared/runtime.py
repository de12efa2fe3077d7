"""A service process: waits for what it needs, consumes, relays, is watched, and ends when it can do no good.

Crash-only: the way back from any fault that does not heal is a new process, so starting is quick and waits for
Kafka and Postgres by itself.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka.record import _crecords  # noqa: F401  # the pure Python parser is 20 times slower: fail at once
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from shared.dead_letters import DeadLetters
from shared.errors import Unavailable
from shared.events.decoding import UNDECODABLE_REASONS
from shared.events.topics import TOPICS, Topic
from shared.kafka import GAVE_UP, Handle, Subscription, build_broker, subscribe, wait_for_topics
from shared.observability.logging import configure
from shared.observability.loop_lag import watch_loop_lag
from shared.observability.metrics import PlumbingMetrics
from shared.outbox import Relay
from shared.postgres import TRANSIENT, Database
from shared.privacy.encryption import Vault
from shared.privacy.keys import derive
from shared.queries import load
from shared.settings import ServiceSettings
from shared.watchdog import Watchdog

log = structlog.get_logger()
queries = load("shared")

Collect = Callable[[], Awaitable[None]]
Task = Callable[[], Coroutine[None, None, None]]


class Runtime:
    """The parts that all services share, put together once."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        *,
        topics: Sequence[Topic],
        dead_letter_reasons: Sequence[str] = UNDECODABLE_REASONS,
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.service = service
        self.settings = settings
        self.registry = CollectorRegistry()
        self.database = Database(settings.postgres_dsn.get_secret_value(), service)
        self.relay = Relay(self.database, settings.kafka_bootstrap, service)
        self.broker = build_broker(settings.kafka_bootstrap, service)
        self.dead_letters = DeadLetters(service, Vault(self.key("vault")))
        self.subscriptions: list[Subscription] = []
        self.watchdog = Watchdog(self.subscriptions)
        self.plumbing = PlumbingMetrics(self.registry, service, [topic.name for topic in topics], dead_letter_reasons)
        self._collectors: list[Collect] = []
        self._tasks: list[Task] = []
        self._started = False

    def key(self, purpose: str) -> bytes:
        """This service's own 32 bytes for `purpose`."""
        return derive(self.settings.master_key(), f"{self.service}/{purpose}")

    def consume(self, topic: Topic, message: type[BaseModel], handle: Handle, *, max_records: int = 500) -> None:
        """Read `topic` once the runtime has started."""
        self.subscriptions.append(
            subscribe(
                self.broker,
                handle,
                topic=topic,
                service=self.service,
                worker_id=self.settings.worker_id,
                message=message,
                max_records=max_records,
            )
        )

    def on_scrape(self, collect: Collect) -> None:
        """Run `collect` before each scrape: for gauges whose truth is in Postgres."""
        self._collectors.append(collect)

    def keep_running(self, task: Task) -> None:
        """Run `task` as long as the service lives; when it ends with an error, the service does."""
        self._tasks.append(task)

    def app(self, *routes: BaseRoute) -> Starlette:
        """The ASGI application: the service's own routes, health and metrics."""
        own = [
            Route("/health/live", self._live),
            Route("/health/ready", self._ready),
            Route("/metrics", self._metrics),
        ]
        application = Starlette(routes=[*routes, *own], lifespan=self._lifespan)
        application.state.runtime = self
        return application

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        configure(self.service, self.settings.log_level)
        life = asyncio.create_task(self._live_on())
        try:
            yield
        finally:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

    async def _live_on(self) -> None:
        try:
            await self._run()
        except Exception:
            log.exception("the service cannot go on; its supervisor is to start it again")
            # A consumer that hangs would hang a graceful stop as well.
            os._exit(GAVE_UP)

    async def _run(self) -> None:
        try:
            await self.database.connect()
            await wait_for_topics(self.settings.kafka_bootstrap, TOPICS)
            await self.broker.start()
            self._started = True
            log.info("started", topics=[s.topic.name for s in self.subscriptions])
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.relay.run())
                tasks.create_task(self.dead_letters.expire_daily(self.database))
                tasks.create_task(self.watchdog.run())
                tasks.create_task(watch_loop_lag(self.plumbing.loop_lag))
                for task in self._tasks:
                    tasks.create_task(task())
        finally:
            await self.broker.stop()
            await self.database.close()

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"alive": self.watchdog.healthy}, 200 if self.watchdog.healthy else 503)

    async def _ready(self, _: Request) -> Response:
        consuming = self._started and all(s.assignment() for s in self.subscriptions)
        answers = await self._database_answers()
        ready = consuming and answers
        return JSONResponse({"ready": ready, "database": answers, "partitions": consuming}, 200 if ready else 503)

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(2), self.database.acquire() as connection:
                return bool(await connection.fetchval("SELECT true"))
        except (*TRANSIENT, Unavailable):
            return False

    async def _metrics(self, _: Request) -> Response:
        for subscription in self.subscriptions:
            self.plumbing.lag(subscription.topic.name, subscription.lag_records)
        try:
            async with asyncio.timeout(5):
                await self._collect()
        except (*TRANSIENT, Unavailable) as error:
            log.warning("figures from Postgres are stale", error=repr(error))
            self.plumbing.database_answered(False)
        else:
            self.plumbing.database_answered(True)
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

    async def _collect(self) -> None:
        async with self.database.acquire() as connection:
            state = await connection.fetchrow(queries["outbox_state"])
        self.plumbing.outbox(state["pending"], state["oldest_age_seconds"])
        for collect in self._collectors:
            await collect()

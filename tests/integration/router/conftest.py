"""A router at work on a database of the test's own, with small models of its own kind, trained once per run."""

import csv
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
import pytest_asyncio

from launcher.kafka import KafkaNode
from launcher.postgres import PostgresServer
from services.router.handlers import on_registered, on_ticket_events
from services.router.metrics import Metrics
from services.router.model import artifact
from services.router.model.artifact import Manifest
from services.router.registry import Models, Registry
from services.router.settings import Settings
from services.router.store import Entry, ModelStore
from services.router.succession import Succession
from services.router.training.fit import train
from services.router.usecases import AskShadow, LearnFromTickets, RouteComplaints
from shared.events import ComplaintRegistered, ComplaintRouted, TicketChanged
from shared.events.topics import COMPLAINTS_REGISTERED, COMPLAINTS_ROUTED, TICKETS_EVENTS
from shared.kafka import Handle
from shared.runtime import Runtime
from tests.factories_tickets import a_change, a_record, a_registered
from tests.integration.shared.emptied import made_from
from tests.integration.shared.wire import Wire, connected

T = TypeVar("T")

TROUBLES = {
    "PUPR": ["jalan berlubang", "aspal rusak", "jalan ambles", "trotoar retak", "jembatan rusak"],
    "DLH": ["sampah menumpuk", "bau tempat sampah", "sampah belum diangkut", "limbah di kali", "pohon ditebang"],
    "DISHUB": ["lampu jalan mati", "parkir liar", "angkot ngetem", "lampu merah rusak", "truk di jalan sempit"],
    "DISDUKCAPIL": [
        "ktp belum jadi",
        "antre kartu keluarga",
        "akta lahir salah",
        "kk lama terbit",
        "blangko ktp habis",
    ],
}
VAGUE = ["mohon bantuan", "tolong pak", "bagaimana ini", "kapan ditangani"]
"""What people write to every department: without it a model so small would be sure of everything."""
PLACES = ["di Cipondoh", "dekat pasar", "sejak minggu lalu", "mohon segera ditangani", "di depan sekolah"]
ROAD, NOTHING = "Jalan berlubang parah di depan pasar", "zzz qqq"


def write_texts(file: Path, rows: Iterable[tuple[str, str]]) -> Path:
    """A CSV of texts and departments."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["text", "department"])
        writer.writerows(rows)
    return file


def texts_of(troubles: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Every trouble at every place, with its department."""
    return [
        (f"{words} {place}", department)
        for department, mentioned in troubles.items()
        for words, place in product([*mentioned, *VAGUE], PLACES)
    ]


def train_small(model_file: Path, troubles: Mapping[str, Sequence[str]]) -> Manifest:
    """A model of four departments, which asks a person unless it is nine tenths sure."""
    train([write_texts(model_file.with_suffix(".csv"), texts_of(troubles))], authored=False, out=model_file)
    weights, manifest = artifact.load(model_file)
    return artifact.save(model_file, weights, replace(manifest, thresholds=dict.fromkeys(TROUBLES, 0.9)))


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that routers are started with."""
    model_file = tmp_path_factory.mktemp("model") / "small.skops"
    train_small(model_file, TROUBLES)
    return model_file


@pytest.fixture(scope="session")
def other_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that sends roads to the environment office, and waste to the road builders."""
    model_file = tmp_path_factory.mktemp("other") / "other.skops"
    train_small(model_file, TROUBLES | {"PUPR": TROUBLES["DLH"], "DLH": TROUBLES["PUPR"]})
    return model_file


@dataclass(frozen=True, slots=True)
class Router:
    """One worker; its relay stands still, so that the outbox can be read."""

    runtime: Runtime
    models: Models
    registry: Registry
    metrics: Metrics
    learn: LearnFromTickets
    ask_shadow: AskShadow
    on_registered: Handle
    on_ticket_events: Handle

    async def register(self, *messages: ComplaintRegistered | bytes, **record: Any) -> None:
        """One batch of `laksa.complaints.registered.v1`."""
        await self.on_registered([a_record(COMPLAINTS_REGISTERED, message, **record) for message in messages])

    async def change(self, *messages: TicketChanged | bytes) -> None:
        """One batch of `laksa.tickets.events.v1`."""
        await self.on_ticket_events([a_record(TICKETS_EVENTS, message) for message in messages])

    async def decide(self, text: str = ROAD, **changes: Any) -> ComplaintRouted:
        """Route one complaint."""
        registered = a_registered(text_masked=text, **changes)
        await self.register(registered)
        return next(r for r in await self.routed() if r.complaint_id == registered.complaint_id)

    async def hand_over(self, routed: ComplaintRouted, department: str, version: int = 2, **changes: Any) -> None:
        """An officer gives the ticket away."""
        facts = {"version": version, "department": department, "reason": "bukan kewenangan kami"} | changes
        await self.change(a_change("handed_over", complaint_id=routed.complaint_id, **facts))

    async def query(self, sql: str, *arguments: object) -> list[dict[str, Any]]:
        """What the database knows."""
        async with self.runtime.database.acquire() as connection:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]

    async def routed(self) -> list[ComplaintRouted]:
        """The decisions on their way, in order."""
        rows = await self.query("SELECT value FROM outbox WHERE topic = $1 ORDER BY seq", COMPLAINTS_ROUTED.name)
        return [ComplaintRouted.model_validate_json(row["value"]) for row in rows]

    async def put_down(self, file: Path, **differences: str) -> Manifest:
        """A model's files in the models folder, and its row as a candidate."""
        manifest = artifact.load_manifest(file)
        path = self.models.folder / f"{manifest.model_version}.skops"
        shutil.copyfile(file, path)
        shutil.copyfile(artifact.manifest_path(file), artifact.manifest_path(path))
        facts = {"version": manifest.model_version, "file_name": path.name, "file_sha256": manifest.file_sha256}
        entry = Entry(**facts | differences, manifest=asdict(manifest))
        async with self.runtime.database.acquire() as connection:
            await ModelStore(connection).register(entry, None)
        return manifest

    async def succeed(self, change: Callable[[Succession], Awaitable[T]]) -> T:
        """What an operator asks for, in a transaction of its own."""
        return await self.runtime.database.transact(lambda connection: change(Succession(connection)))

    async def activate(self, version: str) -> None:
        """Let a model decide, whatever the gate says; routers have not looked yet."""
        await self.succeed(lambda succession: succession.activate(version, without_gate=True))

    def figure(self, metric: str, **labels: str) -> float | None:
        """What a scrape would show."""
        return self.runtime.registry.get_sample_value(metric, labels)


HireRouter = Callable[[], Awaitable[Router]]


@pytest_asyncio.fixture(scope="session")
async def dsn_of_the_run(postgres: PostgresServer, template: str) -> AsyncIterator[str]:
    """A migrated database for all tests of the router: making one takes longer than most of them."""
    async with made_from(template, postgres.dsn) as dsn:
        yield dsn


@pytest_asyncio.fixture
async def dsn(dsn_of_the_run: str) -> AsyncIterator[str]:
    """The same with nothing in it."""
    yield dsn_of_the_run
    connection = await asyncpg.connect(dsn_of_the_run)
    tables = await connection.fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('router', 'clock')"
    )
    await connection.execute("TRUNCATE " + ", ".join(table["name"] for table in tables))
    await connection.close()


@pytest.fixture
def settings(dsn: str, secret_key: str, model_file: Path, tmp_path: Path) -> Settings:
    return Settings(
        kafka_bootstrap=("127.0.0.1:1",), postgres_dsn=dsn, secret_key=secret_key, model_file=model_file,
        models_folder=tmp_path,
    )  # fmt: skip


@pytest_asyncio.fixture
async def hire(settings: Settings) -> AsyncIterator[HireRouter]:
    """Makes workers on the same database, each with the model in its own memory."""
    async with AsyncExitStack() as stack:

        async def hire() -> Router:
            runtime = Runtime("router", settings, topics=[COMPLAINTS_REGISTERED, TICKETS_EVENTS])
            await runtime.database.connect()
            stack.push_async_callback(runtime.database.close)
            metrics = Metrics(runtime.registry, runtime.plumbing)
            models = Models(settings.model_file, settings.models_folder or Path(), settings.city)
            registry = Registry(runtime.database, models, metrics)
            learn = LearnFromTickets(runtime.database, runtime.dead_letters, metrics)
            return Router(
                runtime,
                models,
                registry,
                metrics,
                learn,
                AskShadow(runtime.database, registry),
                on_registered(RouteComplaints(runtime.database, runtime.dead_letters, registry, metrics)),
                on_ticket_events(learn),
            )

        yield hire


@pytest_asyncio.fixture(scope="session")
async def wire(kafka: KafkaNode) -> AsyncIterator[Wire]:
    """A producer and an administrator for the whole run."""
    async with connected(kafka.bootstrap) as wire:
        yield wire


@pytest_asyncio.fixture
async def router(hire: HireRouter) -> Router:
    """One worker."""
    return await hire()

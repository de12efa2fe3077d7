"""`laksa demo`: post a few hundred complaints, repeats and bad records, watch them arrive, and make the counts meet."""

import asyncio
import random
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles
from time import monotonic
from typing import Any

from rich.console import Console

from launcher.demo.journey import Journeys, events, following
from launcher.demo.posting import Acknowledged, connected, post
from launcher.demo.samples import Posting, bad_records, sample_complaints
from launcher.demo.showing import Screen, showing
from shared.events.topics import COMPLAINTS_SUBMITTED

REPEATED_SHARE = 0.1
_PATIENCE_SECONDS = 90.0
_REPEATED = re.compile(r"^laksa_complaints_repeated_total\{[^}]*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was posted and what became of it, each figure counted where it can be seen: broker, topics, metrics."""

    posted: int
    registered: int
    repeats: int
    dead_letters: dict[str, int]
    routed: int
    opened: int
    told: int
    automatic: int
    in_review: int
    seconds: float
    opened_p50_seconds: float
    opened_p99_seconds: float

    def differences(self) -> list[str]:
        """What does not add up; empty when every complaint is accounted for."""
        accounted = self.registered + self.repeats + sum(self.dead_letters.values())
        checks = {
            f"posted {self.posted} = registered + repeats + dead letters {accounted}": self.posted == accounted,
            f"registered {self.registered} = routed {self.routed}": self.registered == self.routed,
            f"routed {self.routed} = opened {self.opened}": self.routed == self.opened,
            f"registered {self.registered} = told {self.told}": self.registered == self.told,
            f"opened {self.opened} = automatic {self.automatic} + review {self.in_review}": self.opened
            == self.automatic + self.in_review,
        }
        return [check for check, holds in checks.items() if not holds]


async def demonstrate(status: dict[str, Any], console: Console, *, count: int, seed: int) -> Summary:
    """Run the demonstration against the running system that `status` describes."""
    bootstrap, intake = status["kafka"]["bootstrap"], status["services"]["intake"]["url"]
    repeats_before = await _repeats(intake)
    postings = list(_mixed(count, seed))
    began = monotonic()
    seen = Journeys()
    async with following(bootstrap) as consumer, connected(bootstrap) as producer:
        with showing(console, count) as screen:
            posting = asyncio.create_task(post(producer, postings))
            await _until_all_arrived(consumer, seen, screen, count)
            acknowledged = await posting
    _keep_ours(seen, acknowledged)
    repeats = await _settled_repeats(intake, repeats_before, len(acknowledged), seen)
    return _summary(len(acknowledged), repeats, seen, monotonic() - began)


def _mixed(count: int, seed: int) -> Iterator[Posting]:
    """Complaints in order, some of them again later, and bad records in between."""
    chance = random.Random(seed)  # noqa: S311
    complaints = list(sample_complaints(count, seed))
    yield from complaints[: count // 2]
    yield from bad_records()
    yield from complaints[count // 2 :]
    yield from chance.sample(complaints, int(count * REPEATED_SHARE))


async def _until_all_arrived(consumer: Any, seen: Journeys, screen: Screen, count: int) -> None:
    deadline, done = monotonic() + _PATIENCE_SECONDS, 0
    expected_dead = len(bad_records())
    while (done < count or len(seen.dead_letters) < expected_dead) and monotonic() < deadline:
        for event, posted_at in await events(consumer):
            if journey := seen.see(event, posted_at):
                done += 1
                screen.arrived(journey, done)


async def _settled_repeats(intake: str, before: int, posted: int, seen: Journeys) -> int:
    """Repeats say nothing on any topic, so intake's counter is asked until the last of them has been read.

    What it counts beyond ours is somebody else's, who posts at the same time.
    """
    repeats, deadline = 0, monotonic() + 10
    ours = posted - seen.count(lambda journey: journey.registered) - len(seen.dead_letters)
    while repeats < ours and monotonic() < deadline:
        await asyncio.sleep(0.1)
        repeats = await _repeats(intake) - before
    return min(repeats, ours)


async def _repeats(intake: str) -> int:
    def read() -> str:
        with urllib.request.urlopen(f"{intake}/metrics", timeout=5) as answer:  # noqa: S310  # our own loopback URL
            return str(answer.read().decode())

    return int(sum(map(float, _REPEATED.findall(await asyncio.to_thread(read)))))


def _keep_ours(seen: Journeys, acknowledged: list[Acknowledged]) -> None:
    """Somebody else may be posting at the same time."""
    ids = {record.posting.complaint_id for record in acknowledged}
    places = {(record.partition, record.offset) for record in acknowledged}
    seen.by_complaint = {i: journey for i, journey in seen.by_complaint.items() if i in ids}
    seen.dead_letters = {
        i: letter
        for i, letter in seen.dead_letters.items()
        if letter.source.topic == COMPLAINTS_SUBMITTED.name
        and (letter.source.partition, letter.source.offset) in places
    }


def _summary(posted: int, repeats: int, seen: Journeys, seconds: float) -> Summary:
    reasons = [letter.reason for letter in seen.dead_letters.values()]
    times = [j.opened_after_seconds for j in seen.by_complaint.values() if j.opened_after_seconds is not None]
    cuts = quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    return Summary(
        posted=posted,
        registered=seen.count(lambda j: j.registered),
        repeats=repeats,
        dead_letters={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        routed=seen.count(lambda j: j.routed),
        opened=seen.count(lambda j: j.opened),
        told=seen.count(lambda j: j.told),
        automatic=seen.count(lambda j: j.opened and j.opened.department),
        in_review=seen.count(lambda j: j.opened and j.opened.department is None),
        seconds=round(seconds, 2),
        opened_p50_seconds=round(cuts[49], 3),
        opened_p99_seconds=round(cuts[98], 3),
    )

"""No complaint lost, none doubled: what became of every id that the broker acknowledged."""

from collections.abc import Iterable

from tests.e2e.topics import Seen

ONCE = {
    "registered": "laksa.complaints.registered.v1",
    "routed": "laksa.complaints.routed.v1",
}


def faults(acknowledged: Iterable[str], seen: Seen) -> list[str]:
    """Every way in which a complaint went wrong, in Jepsen's words; empty when all is well."""
    found: list[str] = []
    ours = set(acknowledged)
    for complaint_id in ours:
        for stage, topic in ONCE.items():
            found += _exactly_one(stage, complaint_id, seen.distinct(topic, complaint_id))
        received = [n for n in seen.distinct("laksa.notifications.v1", complaint_id) if n["kind"] == "received"]
        found += _exactly_one("told", complaint_id, received)
        found += _versions(complaint_id, seen)
    phantoms = set(seen.records["laksa.complaints.registered.v1"]) - ours
    return found + [f"phantom: {complaint_id} was registered and never posted" for complaint_id in phantoms]


def _exactly_one(stage: str, complaint_id: str, events: list[dict[str, object]]) -> list[str]:
    if not events:
        return [f"lost: {complaint_id} was never {stage}"]
    return [f"duplicated: {complaint_id} was {stage} {len(events)} times"] if len(events) > 1 else []


def _versions(complaint_id: str, seen: Seen) -> list[str]:
    """Ticket events, on their first delivery: versions 1, 2, 3 in order."""
    versions = [event["version"] for event in seen.distinct("laksa.tickets.events.v1", complaint_id)]
    if not versions:
        return [f"lost: {complaint_id} has no ticket"]
    if versions != list(range(1, len(versions) + 1)):
        return [f"reordered: {complaint_id} has ticket versions {versions}"]
    return []

"""`laksa watch`: complaints as they come through, until Ctrl-C or `count` of them."""

import json
import sys

from rich.console import Console

from launcher.demo.journey import Journey, Journeys, events, following
from launcher.demo.showing import showing


async def watch(bootstrap: str, *, count: int | None, as_json: bool) -> int:
    """Show complaints that come all the way from now on; returns how many."""
    seen, done = Journeys(), 0
    async with following(bootstrap) as consumer:
        with showing(Console(quiet=as_json), count) as screen:
            while count is None or done < count:
                for event, posted_at in await events(consumer):
                    if journey := seen.see(event, posted_at):
                        done += 1
                        screen.arrived(journey, done)
                        _forget(seen, journey, as_json)
    return done


def _forget(seen: Journeys, journey: Journey, as_json: bool) -> None:
    """A complete journey is shown once; only what is under way is kept in memory."""
    if as_json and journey.registered and journey.routed and journey.opened:
        line = {
            "complaint_id": journey.complaint_id,
            "ticket_number": journey.registered.ticket_number,
            "department": journey.routed.department,
            "confidence": journey.routed.confidence,
            "decision": journey.routed.decision,
            "resolve_by": journey.opened.deadlines.resolve_by.isoformat(),
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    del seen.by_complaint[journey.complaint_id]

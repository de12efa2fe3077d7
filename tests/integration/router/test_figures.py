"""Coverage, agreement, drift and unknown words are what Postgres says of stored decisions."""

from datetime import timedelta
from math import isnan

import pytest

from services.router.usecases import Forget
from tests.integration.router.conftest import NOTHING, ROAD, Router

FIGURES = (
    "laksa_routing_coverage_ratio", "laksa_routing_agreement_ratio", "laksa_routing_confidence_drift",
    "laksa_routing_unknown_words_ratio", "laksa_shadow_agreement_ratio",
)  # fmt: skip


async def scrape(router: Router) -> dict[str, float]:
    await router.metrics.collect(router.runtime.database)
    return {name: value for name in FIGURES if (value := router.figure(name)) is not None}


async def age(router: Router, days: float) -> None:
    """Make every decision so many days older."""
    await router.query("UPDATE decisions SET decided_at = decided_at - $1::interval", timedelta(days=days))


async def test_shares_of_nothing_are_no_number(router: Router) -> None:
    figures = await scrape(router)
    assert set(figures) == set(FIGURES)
    assert all(isnan(value) for value in figures.values())


async def test_coverage_is_the_share_of_the_last_week_that_needed_no_person(router: Router) -> None:
    await router.decide(ROAD)
    await age(router, 8)
    for text in (ROAD, NOTHING, NOTHING, NOTHING):
        await router.decide(text)
    assert (await scrape(router))["laksa_routing_coverage_ratio"] == 0.25


async def test_agreement_leaves_out_what_nobody_may_have_looked_at_yet(router: Router) -> None:
    old = [await router.decide(ROAD) for _ in range(4)]
    await age(router, 10)
    young = await router.decide(ROAD)
    await router.query("UPDATE decisions SET decided_at = decided_at - interval '1 second'")
    for routed in (old[0], young):
        await router.hand_over(routed, "DLH")
    await router.query(
        """UPDATE corrections c SET corrected_at = decided_at + interval '2 days'
           FROM decisions d WHERE d.complaint_id = c.complaint_id"""
    )
    assert (await scrape(router))["laksa_routing_agreement_ratio"] == 0.75


async def test_a_correction_after_more_than_a_week_is_no_override_of_the_model(router: Router) -> None:
    routed = await router.decide(ROAD)
    await age(router, 10)
    await router.hand_over(routed, "DLH")
    await router.query("UPDATE corrections SET corrected_at = clock.now()")
    assert (await scrape(router))["laksa_routing_agreement_ratio"] == 1


async def test_drift_compares_the_last_day_with_the_weeks_before(router: Router) -> None:
    await router.decide(ROAD)
    copies = """INSERT INTO decisions
        SELECT gen_random_uuid(), decision, department, office, supporting_departments, $1, alternatives,
               complaint_class, topic, urgency, responsible_body, why, model_version, clock.now() - $2::interval
        FROM (SELECT * FROM decisions LIMIT 1) AS one, generate_series(1, 300)"""
    await router.query(copies, 0.95, timedelta(days=3))
    await router.query(copies, 0.95, timedelta(hours=1))
    assert (await scrape(router))["laksa_routing_confidence_drift"] == pytest.approx(0, abs=0.01)
    await router.query(copies, 0.35, timedelta(hours=1))
    router.metrics._figures._measured_at = -1e9
    assert (await scrape(router))["laksa_routing_confidence_drift"] > 0.25


async def test_the_share_of_words_that_the_model_never_saw_is_shown(router: Router) -> None:
    await router.decide(NOTHING)
    await router.decide("jalan berlubang")
    assert (await scrape(router))["laksa_routing_unknown_words_ratio"] == 0.5


async def test_texts_older_than_the_city_keeps_them_are_forgotten_and_decisions_are_not(router: Router) -> None:
    for _ in range(2):
        await router.decide(ROAD)
    await router.query("UPDATE texts SET kept_at = kept_at - interval '31 days' WHERE complaint_id = "
                       "(SELECT complaint_id FROM texts LIMIT 1)")  # fmt: skip
    forget = Forget(router.runtime.database, timedelta(days=30))
    assert [await forget() for _ in range(2)] == [1, 0]
    assert len(await router.query("SELECT 1 FROM texts")) == 1
    assert len(await router.query("SELECT 1 FROM decisions")) == 2

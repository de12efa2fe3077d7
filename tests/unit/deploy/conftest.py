"""The metrics that exist."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.unit.deploy.exposition import expositions
from tests.unit.deploy.files import DEPLOY, load_yaml


@pytest.fixture(scope="session")
def samples() -> list[Sample]:
    """Every sample that the four services show, and what Prometheus itself adds for each of its targets."""
    shown = [
        sample
        for text in expositions().values()
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    jobs = [job["job_name"] for job in load_yaml(DEPLOY / "prometheus" / "prometheus.yml")["scrape_configs"]]
    return [*shown, *(Sample("up", {"job": job, "instance": ""}, 1.0) for job in jobs)]

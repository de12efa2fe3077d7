"""The configuration of deploy/ on this machine."""

from pathlib import Path

from launcher.monitoring import Configuration


def test_a_target_becomes_the_port_that_the_service_has_here(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "prometheus.yml").write_text("targets: ['intake:8101', 'other:8101', 'alertmanager:9093']")
    ports = {"intake": 25_000, "alertmanager": 19_094}
    Configuration(tmp_path / "source", tmp_path / "target", ports).render()
    rendered = (tmp_path / "target" / "prometheus.yml").read_text()
    assert rendered == "targets: ['127.0.0.1:25000', 'other:8101', '127.0.0.1:19094']"


def test_rules_come_along_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "source" / "rules").mkdir(parents=True)
    (tmp_path / "source" / "rules" / "new.yml").write_text("groups: []")
    (tmp_path / "target" / "rules").mkdir(parents=True)
    (tmp_path / "target" / "rules" / "old.yml").write_text("groups: []")
    Configuration(tmp_path / "source", tmp_path / "target", {"intake": 1}).render()
    assert [file.name for file in (tmp_path / "target" / "rules").iterdir()] == ["new.yml"]

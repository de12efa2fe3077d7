"""The status for people."""

from launcher.summary import as_lines


def test_the_password_of_the_database_is_not_shown() -> None:
    part = {"pid": 7, "ready": True, "restarts": 0}
    status = {
        "phase": "running",
        "supervisor": {"pid": 1},
        "kafka": part | {"bootstrap": "127.0.0.1:9"},
        "postgres": part | {"dsn": "postgresql://laksa:s3cret@127.0.0.1:5432/laksa"},
        "services": {},
        "prometheus": part | {"url": None},
        "alertmanager": part | {"url": None},
    }

    shown = "\n".join(as_lines(status))

    assert "postgresql://laksa:...@127.0.0.1:5432/laksa" in shown
    assert "s3cret" not in shown

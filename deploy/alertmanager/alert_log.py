"""Alertmanager's webhook: every alert that it sends becomes one line of JSON on standard output. Needs Python only."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class AlertLog(BaseHTTPRequestHandler):
    """Answers 200 to what it could write down, 400 to what it could not."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            message = json.loads(body)
            lines = [json.dumps(_facts(message["receiver"], alert)) for alert in message["alerts"]]
        except (ValueError, KeyError, TypeError):
            self.send_error(400)
            return
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The log is for alerts."""


def _facts(receiver: str, alert: dict[str, object]) -> dict[str, object]:
    wanted = ("status", "startsAt", "labels", "annotations")
    return {"receiver": receiver, **{name: alert[name] for name in wanted}}


if __name__ == "__main__":
    ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), AlertLog).serve_forever()

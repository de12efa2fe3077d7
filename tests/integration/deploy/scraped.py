"""The four services as Prometheus sees them: their own metrics on their own ports, with figures that move."""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.exposition import CONTENT_TYPE_LATEST

from tests.unit.deploy.exposition import expositions

_SAMPLE = re.compile(r"^(laksa_\w+)(.*) \S+$", re.MULTILINE)
_COUNTED = ("_total", "_bucket", "_count", "_sum")


@contextmanager
def scraped_services() -> Iterator[Mapping[str, int]]:
    """Service -> port. Every counter grows by one a scrape, every gauge is 1."""
    servers = {service: _server(text) for service, text in expositions().items()}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {service: server.server_port for service, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


def _server(text: str) -> ThreadingHTTPServer:
    scrapes = Counter[str]()

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            scrapes[self.path] += 1
            body = _moved(text, scrapes[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nobody reads it."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Metrics)


def _moved(text: str, scrapes: int) -> str:
    return _SAMPLE.sub(lambda line: f"{line[1]}{line[2]} {scrapes if line[1].endswith(_COUNTED) else 1}", text)

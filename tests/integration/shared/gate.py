"""A way to Postgres that a test can shut."""

import asyncio
from urllib.parse import urlsplit


class Gate:
    """Passes bytes on to the server of `dsn`; while shut, connections are refused and open ones are gone."""

    def __init__(self, dsn: str) -> None:
        self._target = urlsplit(dsn)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    @property
    def dsn(self) -> str:
        """The same database by way of this gate."""
        return self._target._replace(netloc=f"{self._target.netloc.rsplit(':', 1)[0]}:{self._port}").geturl()

    async def open(self) -> None:
        """Let connections through, at the same port as before."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for way in self._ways:
            way.transport.abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._ways.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._ways |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            pump = asyncio.create_task(_pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except OSError:
        return
    finally:
        sink.close()

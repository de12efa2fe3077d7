"""How commands talk to the running supervisor: one line of JSON each way, over loopback.

TCP rather than a Unix socket, whose path may be at most about 100 bytes long. A token in a file that only our user can
read keeps other users of the machine out.
"""

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from launcher.credentials import write_private

Answer = dict[str, Any]
Questions = Mapping[str, Callable[[], Awaitable[Answer]]]

_LONGEST_ANSWER_SECONDS = 10.0


class NotRunningError(Exception):
    """No supervisor answers."""


def ask(file: Path, question: str) -> Answer:
    """Put a question to the supervisor that wrote `file`. NotRunningError when it does not answer within 10 s."""
    try:
        address = json.loads(file.read_text(encoding="utf-8"))
        with socket.create_connection(("127.0.0.1", address["port"]), timeout=_LONGEST_ANSWER_SECONDS) as connection:
            request = {"token": address["token"], "question": question}
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer: Answer = json.loads(connection.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise NotRunningError(f"no supervisor answers ({error})") from error
    return answer


@asynccontextmanager
async def answering(file: Path, questions: Questions) -> AsyncIterator[None]:
    """Answer `questions` inside the block, at an address that `file` tells."""
    token = secrets.token_urlsafe(24)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await _reply(await reader.readline(), token, questions) + b"\n")
            await writer.drain()
        except ConnectionError:
            pass  # whoever asked has gone
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        write_private(file, json.dumps({"port": server.sockets[0].getsockname()[1], "token": token}))
        try:
            yield
        finally:
            await asyncio.to_thread(file.unlink, missing_ok=True)


async def _reply(line: bytes, token: str, questions: Questions) -> bytes:
    try:
        request = json.loads(line)
        known = hmac.compare_digest(request["token"], token)
        answer = questions[request["question"]] if known else None
    except (ValueError, KeyError, TypeError):
        answer = None
    return json.dumps({"error": "not understood"} if answer is None else await answer()).encode()

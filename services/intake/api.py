"""HTTP in, for those who do not speak Kafka: the same body, the same outcome, a ticket number at once."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.intake.domain import Outcome, Refused, Registered, Repeated
from services.intake.usecases import RegisterComplaints
from shared.errors import Unavailable
from shared.events import ComplaintSubmitted, Undecodable, decode, headers_of
from shared.events.decoding import MAX_VALUE_BYTES

PATIENCE_SECONDS = 5.0
_STATUS_OF_REASON = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "id_conflict": HTTPStatus.CONFLICT,
}  # fmt: skip
_TITLES = {
    "too_large": "Laporan terlalu besar",
    "id_conflict": "Nomor laporan sudah dipakai untuk isi yang lain",
    "empty_text": "Isi laporan terlalu pendek",
    "time_out_of_range": "Waktu laporan tidak wajar",
}


class Quota:
    """So many requests a minute per client, refilled evenly; the least recently seen clients are forgotten.

    A client with a known key has the quota of its key, everybody else that of the address.
    """

    CLIENTS = 10_000

    def __init__(self, per_minute: int, by_key: Mapping[str, int] | None = None) -> None:
        self._per_minute = per_minute
        self._by_key = by_key or {}
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, address: str, key: str = "") -> float:
        """0 when the request may pass (and is counted), else how long to wait."""
        per_minute = self._by_key.get(key, self._per_minute)
        client = f"key {key}" if key in self._by_key else f"address {address}"
        now = monotonic()
        tokens, seen = self._buckets.pop(client, (float(per_minute), now))
        tokens = min(float(per_minute), tokens + (now - seen) * per_minute / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > self.CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / per_minute


def build_routes(register: RegisterComplaints, public_url: str, quota: Quota) -> list[Route]:
    """`POST /v1/complaints`."""

    async def post_complaint(request: Request) -> Response:
        address = request.client.host if request.client else ""
        wait = quota.wait_seconds(address, request.headers.get("x-client-key", ""))
        if wait:
            return problem(
                HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", "Terlalu banyak permintaan", retry_after=int(wait) + 1
            )
        body = await _body_up_to(request, MAX_VALUE_BYTES)
        complaint = decode(ComplaintSubmitted, body)
        if isinstance(complaint, Undecodable):
            return _refusal(complaint.reason, complaint.detail)
        headers = headers_of((name.decode("latin-1"), value) for name, value in request.headers.raw)
        submission = register.submission(complaint, datetime.now(UTC), headers)
        try:
            # Cut off in mid-commit it may be stored all the same: posting it again answers with its number.
            async with asyncio.timeout(PATIENCE_SECONDS):
                [outcome] = await register([submission], patience=PATIENCE_SECONDS)
        except (Unavailable, TimeoutError):
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Coba lagi sebentar lagi", retry_after=5)
        return _answer(outcome, public_url)

    return [Route("/v1/complaints", post_complaint, methods=["POST"])]


async def _body_up_to(request: Request, limit: int) -> bytes:
    """The body, cut one byte after the limit: enough to see that it is too large, too little to fill memory."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return bytes(body[: limit + 1])
    return bytes(body)


def _answer(outcome: Outcome, public_url: str) -> Response:
    match outcome:
        case Registered(complaint_id, number) | Repeated(complaint_id, number):
            status = HTTPStatus.ACCEPTED if isinstance(outcome, Registered) else HTTPStatus.OK
            content = {
                "complaint_id": str(complaint_id),
                "ticket_number": number,
                "status_url": f"{public_url}/status/{number}",
            }
            return JSONResponse(content, status)
        case Refused(_, reason, detail):
            return _refusal(reason, detail)


def _refusal(reason: str, detail: str) -> Response:
    status = _STATUS_OF_REASON.get(reason, HTTPStatus.UNPROCESSABLE_ENTITY)
    return problem(status, reason, _TITLES.get(reason, "Laporan tidak dapat dibaca"), detail)


def problem(status: HTTPStatus, kind: str, title: str, detail: str = "", retry_after: int | None = None) -> Response:
    """An RFC 9457 problem; `retry_after` in seconds."""
    content = {"type": f"urn:laksa:problem:{kind}", "title": title, "status": status.value, "detail": detail}
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return JSONResponse(content, status, headers, media_type="application/problem+json")

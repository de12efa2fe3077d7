"""HTTP in, for those who do not speak Kafka: the same body, the same outcome, a ticket number at once."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.intake.domain import Outcome, Refused, Registered, Repeated
from services.intake.usecases import RegisterComplaints
from shared.errors import Unavailable
from shared.events import ComplaintSubmitted, Undecodable, decode, headers_of
from shared.events.decoding import MAX_VALUE_BYTES
from shared.problems import problem
from shared.quota import Quota

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

"""HTTP in: what a citizen sees of a ticket, by its number. No text, no place, no person."""

from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from services.desk.domain import PublicTicket
from services.desk.store import DeskStore
from shared import clock
from shared.errors import Unavailable
from shared.events.departments import DEPARTMENTS
from shared.postgres import TRANSIENT, Database
from shared.problems import problem
from shared.quota import Quota

_JAKARTA = ZoneInfo("Asia/Jakarta")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_REVIEW = "petugas Tangerang Live Room"
_HAPPENED = {
    "opened": "Laporan diterima",
    "assigned": "Diteruskan ke {department}",
    "acknowledged": "Diterima {department}",
    "started": "Mulai ditangani {department}",
    "asked_reporter": "{department} menanyakan keterangan kepada pelapor",
    "reporter_replied": "Pelapor memberi keterangan",
    "answered": "Dijawab {department}",
    "resolved": "Dinyatakan selesai",
    "rejected": "Tidak dapat ditangani",
    "handed_over": "Dialihkan ke {department}",
    "taken_back": "Diperiksa ulang",
    "reopened": "Dibuka kembali",
    "closed": "Ditutup",
    "breached": "Batas waktu terlewati",
    "deadline_moved": "Batas waktu disesuaikan",
    "split": "Dipecah menjadi beberapa laporan",
}
"""What a citizen is told of a change; a change without an entry is the city's own business."""


def build_routes(database: Database, quota: Quota) -> list[Route]:
    """`GET /status/{number}`: a page, or JSON for those who ask for it."""

    async def status(request: Request) -> Response:
        if wait := quota.wait_seconds(request.client.host if request.client else ""):
            return problem(
                HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", "Terlalu banyak permintaan", retry_after=int(wait) + 1
            )
        try:
            async with database.acquire() as connection:
                ticket = await DeskStore(connection).public_ticket(request.path_params["number"].upper())
                now = await clock.now(connection)
        except (*TRANSIENT, Unavailable):
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Coba lagi sebentar lagi", retry_after=5)
        if ticket is None:
            return problem(HTTPStatus.NOT_FOUND, "unknown_ticket", "Nomor laporan tidak dikenal atau belum diproses")
        shown = _shown(ticket, now)
        wants_page = "text/html" in request.headers.get("accept", "")
        return HTMLResponse(_page(shown), headers=_PAGE_HEADERS) if wants_page else JSONResponse(shown)

    return [Route("/status/{number}", status)]


_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def _shown(ticket: PublicTicket, now: datetime) -> dict[str, Any]:
    is_open = ticket.public_status in {"menunggu", "proses"}
    return {
        "ticket_number": ticket.ticket_number,
        "public_status": ticket.public_status,
        "department": _name(ticket.department),
        "accepted_at": ticket.accepted_at.isoformat(),
        "respond_by": ticket.respond_by.isoformat(),
        "resolve_by": ticket.resolve_by.isoformat(),
        "overdue": is_open and ticket.clocks_run and ticket.resolve_by < now,
        "history": [
            {"at": at.isoformat(), "what": _HAPPENED[event_type].format(department=_name(department))}
            for event_type, department, at in ticket.history
            if event_type in _HAPPENED
        ],
    }


def _name(department: str | None) -> str:
    return DEPARTMENTS.get(department or "", _REVIEW)


def _page(shown: dict[str, Any]) -> str:
    number, word = escape(shown["ticket_number"]), escape(shown["public_status"])
    overdue = (
        "<p><strong>Batas waktu penyelesaian sudah terlewati. Mohon maaf.</strong></p>" if shown["overdue"] else ""
    )
    rows = "".join(f"<li>{_in_words(one['at'])}: {escape(one['what'])}</li>" for one in shown["history"])
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Laporan {number}</title></head><body><main><h1>Laporan {number}</h1>"
        f"<p>Status: <strong>{word}</strong></p><p>Ditangani oleh {escape(shown['department'])}</p>"
        f"<p>Dijawab paling lambat {_in_words(shown['respond_by'])}, "
        f"selesai paling lambat {_in_words(shown['resolve_by'])}.</p>"
        f"{overdue}<h2>Perjalanan laporan</h2><ol>{rows}</ol></main></body></html>"
    )


def _in_words(moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(_JAKARTA)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} pukul {local:%H.%M} WIB"

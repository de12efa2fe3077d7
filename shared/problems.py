"""Errors over HTTP, as RFC 9457 problems."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response


def problem(status: HTTPStatus, kind: str, title: str, detail: str = "", retry_after: int | None = None) -> Response:
    """An RFC 9457 problem; `retry_after` in seconds."""
    content = {"type": f"urn:laksa:problem:{kind}", "title": title, "status": status.value, "detail": detail}
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return JSONResponse(content, status, headers, media_type="application/problem+json")

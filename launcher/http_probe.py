"""Ask a server on this machine whether it is well."""

import http.client


def answers_ok(port: int, path: str) -> bool:
    """Whether `GET path` on 127.0.0.1:`port` answers 200 within a second. Never by a proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

"""A server that takes files by WebDAV (RFC 4918): any web server with that module."""

from __future__ import annotations

import http.client
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import quote, unquote, urlsplit

_WAIT_S = 5.0
_OURS = secrets.token_hex(4)
"""Of this process: another that does the same at the same time has its own."""
_MAX_LISTING_BYTES = 32 * 1024 * 1024
_MAX_FILE_BYTES = 64 * 1024 * 1024
# Names are all that is wanted of a listing; a parser of XML would believe more of what a server says.
_HREF = re.compile(rb"<(?:[\w.-]{1,20}:)?href[^<>]{0,200}>\s{0,50}([^<>]{1,4000}?)\s{0,50}</")


class WebDav:
    """A depot below an http or https address. `authorization` is sent with every request, where it is not empty."""

    def __init__(self, root: str, authorization: str = "") -> None:
        parts = urlsplit(root)
        self._is_https = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._path = parts.path.rstrip("/")
        self._headers = {"Authorization": authorization} if authorization else {}
        self._is_made = False

    def names(self, path: str = "") -> list[str]:
        status, body = self._ask("PROPFIND", path, headers={"Depth": "1"}, limit=_MAX_LISTING_BYTES)
        if status == 404:
            return []
        _expect("PROPFIND", status, 207)
        own = unquote(self._address(path)).strip("/")
        try:
            found = [unquote(urlsplit(href.decode()).path).strip("/") for href in _HREF.findall(body)]
        except ValueError as error:
            raise OSError("PROPFIND: the server's answer names what is no address") from error
        return sorted({name.removeprefix(own).strip("/") for name in found} - {""})

    def read(self, path: str) -> bytes | None:
        status, body = self._ask("GET", path)
        if status == 404:
            return None
        _expect("GET", status, 200)
        return body

    def put(self, path: str, files: Mapping[str, bytes]) -> None:
        partial = self._aside(path)
        self._make_root()
        self.remove(partial)
        self._make(partial)
        for name, content in files.items():
            self._put(f"{partial}/{name}", content)
        self._make(path.rpartition("/")[0])
        self._move(partial, path)

    def flush(self) -> None:
        """A server sees to that itself."""

    def put_file(self, path: str, content: bytes) -> None:
        partial = self._aside(path)
        self._make_root()
        self._put(partial, content)
        self._move(partial, path)

    def remove(self, path: str) -> None:
        _expect("DELETE", self._ask("DELETE", path)[0], 200, 204, 404)

    def _put(self, path: str, content: bytes) -> None:
        _expect("PUT", self._ask("PUT", path, content)[0], 200, 201, 204)

    def _make_root(self) -> None:
        if not self._is_made:
            self._make("")
            self._is_made = True

    def _make(self, path: str) -> None:
        # 405 says that it is there.
        _expect("MKCOL", self._ask("MKCOL", path)[0], 200, 201, 405)

    def _move(self, path: str, goal: str) -> None:
        headers = {"Destination": self._base + self._address(goal), "Overwrite": "T"}
        _expect("MOVE", self._ask("MOVE", path, headers=headers)[0], 200, 201, 204)

    def _aside(self, path: str) -> str:
        return f".tmp-{_OURS}-{path.replace('/', '-')}"

    def _address(self, path: str) -> str:
        return f"{self._path}/{quote(path)}"

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = _MAX_FILE_BYTES,
    ) -> tuple[int, bytes]:
        """One request on a connection of its own; redirections are not followed. Raises: OSError."""
        try:
            with self._connection() as connection:
                connection.request(method, self._address(path), body, {**self._headers, **(headers or {})})
                answer = connection.getresponse()
                content = answer.read(limit + 1)
        except TimeoutError as error:
            raise OSError(f"{method}: the server does not answer in time") from error
        except http.client.HTTPException as error:
            raise OSError(f"{method}: the server does not speak HTTP ({type(error).__name__})") from error
        except ValueError:
            # The error quotes what cannot be sent.
            raise OSError(f"{method}: the secret for the server holds what HTTP cannot send") from None
        if len(content) > limit:
            raise OSError(f"{method}: the server's answer has no end")
        return answer.status, content

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        kind = http.client.HTTPSConnection if self._is_https else http.client.HTTPConnection
        with closing(kind(self._host, self._port, timeout=_WAIT_S)) as connection:
            yield connection


def _expect(method: str, status: int, *good: int) -> None:
    if status not in good:
        raise OSError(
            f"{method}: the server answers {status} {http.client.responses.get(status, '')}".strip()
        )

"""HTTP that no client of ours speaks: a problem with a code, or a closed connection. Source: reliability 1–5, 17, 18, 49."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.deployment import Deployment
from tests.live.people import People
from tests.live.raw import DEADLINE_S

pytestmark = pytest.mark.usefixtures("quiet_log")

VISITORS = "/api/v1/visitors"
BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "half": (b'{"center_id":"gd"', 422),
    "no UTF-8": (b'{"center_id":"\xff\xfe","locale":"en"}', 422),
    "UTF-16": ('{"center_id":"gd","locale":"en"}'.encode("utf-16"), 422),
    "NaN": (b'{"center_id":NaN,"locale":"en"}', 422),
    "a lone surrogate": (b'{"center_id":"\\ud800","locale":"en"}', 422),
    "20,000 deep": (b"[" * 20_000, 422),
    "a huge integer": (b'{"center_id":' + b"9" * 20_000 + b"}", 422),
    "a list": (b'[{"center_id":"gd","locale":"en"}]', 422),
    "a text": (b'"gd"', 422),
    "null": (b"null", 422),
    "an unknown field": (b'{"center_id":"gd","locale":"en","__proto__":{}}', 422),
    "a wrong type": (b'{"center_id":{"$gt":""},"locale":"en"}', 422),
    "an unknown center": (b'{"center_id":"xx","locale":"en"}', 404),
    "too much": (b'{"center_id":"' + b"g" * 70_000 + b'"}', 413),
    "far too much": (b" " * 20_000_000, 413),
}


async def ask(deployment: Deployment, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    headers = {"Origin": deployment.origin, "Content-Type": "application/json"} | options.pop("headers", {})
    url = URL(deployment.origin + path, encoded=True)
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, url, **options) as response,
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in response.headers
        is_problem = response.content_type == "application/problem+json"
        problem: dict[str, Any] = await response.json() if is_problem else {}
        return response.status, problem


async def test_bad_bodies_are_problems(deployment: Deployment, people: People) -> None:
    async with people.bystanders():
        for name, (body, status) in BODIES.items():
            try:
                answer = await ask(deployment, "POST", VISITORS, data=io.BytesIO(body))
            except aiohttp.ClientConnectionError:
                assert status == 413, name  # it stopped listening before the end
                continue
            assert answer[0] == status, name
            assert answer[1]["code"].startswith("request."), name


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json; x"]
)
async def test_only_json_is_json(deployment: Deployment, media_type: str) -> None:
    """What a form on another site could send without asking."""
    body = b'{"center_id":"gd","locale":"en"}'
    headers = {"Content-Type": media_type}
    status, problem = await ask(deployment, "POST", VISITORS, data=body, headers=headers)
    assert (status, problem["code"]) == (422, "request.invalid")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/centers/%00/face", 404),
        ("GET", "/api/v1/centers/gd%0d%0aX:1/face", 404),
        ("GET", f"/api/v1/centers/{'a' * 64}/face", 404),
        ("GET", f"/api/v1/centers/{'a' * 5000}/face", 404),
        ("GET", "/widget/%00", 404),
        ("GET", f"/widget/{'a' * 300}", 404),
        ("GET", "/widget/gd';x", 404),
        ("GET", "/static/../wecc/settings.py", 404),
        ("GET", "/static/%2e%2e/wecc/settings.py", 404),
        ("GET", "/static/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/static//etc/passwd", 404),
        ("GET", "/static/%00", 404),
        ("GET", f"/static/{'a' * 5000}", 404),
        ("GET", "/%ff%fe", 404),
        ("PUT", VISITORS, 405),
        ("DELETE", "/embed.js", 405),
        ("TRACE", "/console", 405),
        ("PROPFIND", "/", 405),
    ],
)
async def test_odd_paths_and_methods_are_problems(
    deployment: Deployment, method: str, path: str, status: int
) -> None:
    found, problem = await ask(deployment, method, path)
    assert found == status
    assert problem["code"] in ("request.not_found", "request.unknown")


async def test_figures_are_for_the_machine_itself(deployment: Deployment) -> None:
    assert (await ask(deployment, "GET", "/metrics"))[0] == 200
    for forwarded in ("127.0.0.1", "1.2.3.4", "x"):
        assert (await ask(deployment, "GET", "/metrics", headers={"X-Forwarded-For": forwarded}))[0] == 404


JSON = b'{"center_id":"gd","locale":"en"}'
HEAD = b"POST /api/v1/visitors HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n"
SMUGGLED = b"GET /api/v1/agents HTTP/1.1\r\nHost: x\r\n\r\n"
RAW: dict[str, bytes] = {
    "noise": bytes(range(256)) * 50,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100),
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "an old version": b"GET / HTTP/0.9\r\n\r\n",
    "a line break in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "headers without end": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 20_000,
    "a header without end": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000,
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 32\r\n\r\n" + JSON + SMUGGLED,
    "no length": HEAD + b"Content-Length: -1\r\n\r\n" + JSON + SMUGGLED,
    "a wrong length": HEAD + b"Content-Length: 1e3\r\n\r\n" + JSON + SMUGGLED,
    "an odd encoding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a wrong chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + SMUGGLED,
    "a WebSocket without a key": b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\n\r\n",
}  # fmt: skip


async def test_broken_http_is_refused_and_the_connection_closed(
    deployment: Deployment, people: People
) -> None:
    async def answer(sent: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", deployment.port)
        got = b""
        try:
            writer.write(sent.replace(b"{origin}", deployment.origin.encode()))
            async with asyncio.timeout(DEADLINE_S):
                while more := await reader.read(65536):
                    got += more
        except ConnectionError:
            pass
        finally:
            writer.close()
        return got

    async with people.bystanders():
        for name, sent in RAW.items():
            try:
                got = await answer(sent)
            except TimeoutError:
                pytest.fail(f"{name}: the connection is still open")
            assert got.count(b"HTTP/1.1 ") <= 1, f"{name}: what was smuggled is answered"
            assert not got.startswith(b"HTTP/1.1 2"), (name, got)

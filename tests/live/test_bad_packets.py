"""Packets no client of ours sends: an error or a closed socket, and nobody else notices. Source: reliability §2."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import aiohttp
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from tests.deployment import Deployment
from tests.live.people import People
from tests.live.raw import DEADLINE_S, QUERY, raw

pytestmark = pytest.mark.usefixtures("quiet_log")

BROKEN: dict[str, str | bytes] = {
    "99,999 attachments": '4599999-/visitor,["visitor:resume",{}]',
    "no attachments": '450-/visitor,["visitor:resume",{}]',
    "attachments of a text event": '421-/visitor,["visitor:resume",{"_placeholder":true,"num":0}]',
    "a placeholder out of range": '451-/visitor,["x",{"_placeholder":true,"num":-5}]',
    "a binary ack": "461-/visitor,1[]",
    "a binary frame": b"\x00\x01\x02",
    "base64": "bAAAA",
    "base64 of nothing": "b$$$",
    "an ack id of 101 digits": f'42/visitor,{"1" * 101}["visitor:resume",{{}}]',
    "an ack id beyond 2^53": '42/visitor,9007199254740992["visitor:resume",{}]',
    "an ack nobody asked for": "43/visitor,1[]",
    "an ack of another's": "43/agent,1[]",
    "a connect error": '44/visitor,{"message":"no"}',
    "packet type 7": "47",
    "packet type x": "4x",
    "packet type ²": "4²",
    "no packet type": "4",
    "nothing": "",
    "engine type 0": "0{}",
    "engine type 2": "2probe",
    "engine type 5": "5",
    "engine type 6": "6",
    "engine type 9": "9",
    "engine type ²": "²",
    "an event without a name": "42/visitor,[]",
    "an object for an event": '42/visitor,{"0":"visitor:resume"}',
    "a number for an event": "42/visitor,-12",
    "no content": "42/visitor,",
    "1 MiB": f'42/visitor,1["visitor:resume",{{"x":"{"a" * 2**20}"}}]',
}


async def test_a_packet_that_breaks_the_protocol_closes_its_socket_only(
    deployment: Deployment, people: People
) -> None:
    visitor = await people.visitor()

    async def is_closed_after(frame: str | bytes) -> None:
        async with raw(deployment) as attacker:
            await attacker.enter(visitor)
            await attacker.send(frame)
            await attacker.closed()

    async with people.bystanders():
        for name, frame in BROKEN.items():
            try:
                await is_closed_after(frame)
            except TimeoutError:
                pytest.fail(f"{name}: the socket is still open")
    assert (await visitor.ask("visitor:resume"))["conversation"] is None


@pytest.mark.parametrize(
    "frame",
    ['42/visitor,1["visitor:resume",{}]', '42["x"]', "41/visitor,", "4", "2", '451-["x"]'],
)
async def test_whoever_speaks_before_saying_who_he_is_is_cut_off(deployment: Deployment, frame: str) -> None:
    async with raw(deployment) as attacker:
        await attacker.send(frame)
        await attacker.closed()


INVALID = {
    "NaN": '["visitor:resume",{"x":NaN}]',
    "Infinity": '["visitor:resume",{"x":-Infinity}]',
    "1e999": '["visitor:resume",{"x":1e999}]',
    "20,000 deep": f'["visitor:resume",{"[" * 20_000}{"]" * 20_000}]',
    "20,000 deep, unclosed": f'["visitor:resume",{"[" * 20_000}',
    "an integer of 20,000 digits": f'["conversation:read_log",{{"conversation_id":"a","after_seq":{"9" * 20_000}}}]',
    "a lone surrogate": '["conversation:start",{"client_id":"12345678","locale":"en","text":"\\ud83d"}]',
    "a list": '["visitor:resume",[1]]',
    "a text": '["visitor:resume","x"]',
    "two payloads": '["visitor:resume",{},{}]',
    "an unknown field": '["visitor:resume",{"__proto__":{"is_admin":true}}]',
    "a placeholder": '["visitor:resume",{"_placeholder":true,"num":99}]',
    "an object for a text": '["conversation:start",{"client_id":"12345678","locale":"en","text":{"$ne":""}}]',
    "a list for an id": '["conversation:close",{"conversation_id":["a"]}]',
    "a number for an id": '["conversation:close",{"conversation_id":1}]',
    "SQL for an id": '["conversation:close",{"conversation_id":"\' OR 1=1 --"}]',
    "a path for an id": '["conversation:close",{"conversation_id":"../../etc/passwd"}]',
    "true for a number": '["conversation:read_log",{"conversation_id":"a","after_seq":true}]',
    "a text for a number": '["conversation:read_log",{"conversation_id":"a","after_seq":"1"}]',
    "a negative place": '["conversation:read_log",{"conversation_id":"a","after_seq":-1}]',
    "a page of millions": '["conversation:read_log",{"conversation_id":"a","limit":1000000}]',
    "nothing at all": '["conversation:start"]',
    "too long a text": f'["conversation:start",{{"client_id":"12345678","locale":"en","text":"{"x" * 4001}"}}]',
    "eleven files": '["conversation:start",{"client_id":"12345678","locale":"en","attachment_ids":[%s]}]'.replace(
        "%s", ",".join(['"a"'] * 11)
    ),
    "an unknown language": '["conversation:start",{"client_id":"12345678","locale":"xx","text":"x"}]',
    "an own sender": '["conversation:start",{"client_id":"12345678","locale":"en","text":"x","sender":"agent","seq":1}]',
}

UNKNOWN = ["1", "null", "true", "[]", '["x"]', "{}", '"connect"', '"disconnect"', '"connect_error"', '"*"', '""',
           '"__proto__"', '"constructor"', '"conversation:nothing"', '"\\u0000"', f'"{"x" * 30_000}"']  # fmt: skip


async def test_a_bad_payload_is_answered_with_an_error(deployment: Deployment, people: People) -> None:
    visitor = await people.visitor()
    async with people.bystanders(), raw(deployment) as attacker:
        await attacker.enter(visitor)
        for name, data in INVALID.items():
            assert await attacker.error_of(data) == "request.invalid", name
        for event in UNKNOWN:
            assert await attacker.error_of(f'[{event},{{"token":"x"}},{{}}]') == "request.unknown", event
    state = await visitor.ask("visitor:resume")
    assert state["conversation"] is None, "nothing is stored of a refused start"


async def test_connecting_twice_changes_nothing(deployment: Deployment, people: People) -> None:
    visitor, other = await people.visitor(), await people.visitor()
    async with raw(deployment) as attacker:
        await attacker.enter(visitor)
        token = orjson.dumps({"token": other.token}).decode()
        await attacker.send(f"40/visitor,{token}")
        await attacker.next("44/visitor,")
        await attacker.send('42/visitor,1["visitor:resume",{}]')
        (answer,) = await attacker.next("43/visitor,1")
        mine = (await visitor.ask("visitor:resume"))["visitor"]["id"]
        assert answer["data"]["visitor"]["id"] == mine


@pytest.mark.parametrize("frame", ["40/{n},", '40/visitor,{{"token":"{n}"}}', "3", '42/visitor,["x{n}"]'])
async def test_a_flood_of_packets_is_cut_off(deployment: Deployment, people: People, frame: str) -> None:
    visitor = await people.visitor()
    async with people.bystanders(), raw(deployment) as attacker:
        await attacker.enter(visitor)
        await attacker.send(*(frame.format(n=n) for n in range(10_000)))
        await attacker.closed()


async def test_endless_refusals_are_cut_off(deployment: Deployment, people: People) -> None:
    """At a rate that is allowed: a client that only ever asks what it may not is no client."""
    visitor = await people.visitor()
    async with raw(deployment) as attacker:
        await attacker.enter(visitor)
        with contextlib.suppress(AssertionError):
            await attacker.send(*(f'42/visitor,{n}["x"]' for n in range(260)))
        await attacker.closed()


async def test_a_message_without_end_is_not_gathered(deployment: Deployment, people: People) -> None:
    """Fragments of one message, past the limit and past the server's close frame."""
    async with people.bystanders():
        reader, writer = await asyncio.open_connection("127.0.0.1", deployment.port)
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nOrigin: {deployment.origin}\r\n{key}"
        writer.write(f"GET /socket.io/?{QUERY} HTTP/1.1\r\nHost: x\r\n{upgrade}\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        # Masked with zeros: an unfinished text frame of 60,000 bytes, then continuations of it.
        first, more = (
            bytes([kind, 0xFE]) + (60_000).to_bytes(2, "big") + bytes(4) + b"4" * 60_000 for kind in (1, 0)
        )
        sent = 0
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(DEADLINE_S):
                writer.write(first)
                while sent < 50_000_000:
                    writer.write(more)
                    await writer.drain()
                    sent += len(more)
        writer.close()
        assert sent < 20_000_000, "the server closes the connection, not only says so"


@pytest.mark.parametrize(
    "query",
    [
        "EIO=3&transport=websocket",
        "transport=websocket",
        "EIO=4&transport=polling",
        "EIO=4&transport=webtransport",
        "EIO=4&transport=websocket&sid=__proto__",
        "EIO=4&transport=websocket&sid=../../x",
        "EIO=4&transport=websocket&sid=%27%20OR%201=1",
        "EIO=4&transport=websocket&sid=%00",
        "%ff%fe",
        "",
    ],
)
async def test_handshakes_out_of_the_ordinary_are_refused(deployment: Deployment, query: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with raw(deployment, query):
            pass
    assert refusal.value.response.status_code in (400, 403)


async def test_nobody_gets_into_anothers_socket(deployment: Deployment, people: People) -> None:
    visitor = await people.visitor()
    async with raw(deployment) as victim:
        sid = (await victim.next("0"))["sid"]
        await victim.enter(visitor)
        for query in (f"{QUERY}&sid={sid}", f"EIO=4&transport=polling&sid={sid}"):
            with pytest.raises(InvalidStatus):
                async with raw(deployment, query):
                    pass
        assert await victim.error_of('["x"]') == "request.unknown", "the victim's socket works on"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
async def test_polling_is_refused(deployment: Deployment, method: str) -> None:
    async with aiohttp.ClientSession(headers={"Origin": deployment.origin}) as http:
        url = f"{deployment.origin}/socket.io/?EIO=4&transport=polling"
        async with http.request(method, url, data=b"4" * 100_000 if method == "POST" else None) as response:
            assert response.status == 400
            assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "origin",
    ["null", None, "https://evil.example", "{ours}.evil.example", "{ours}4", "{ours}/", "https://{host}", "HTTP://{host}",
     "http://x@{host}", "http://127.0.0.1", " {ours} x"],
)  # fmt: skip
async def test_other_origins_are_refused(deployment: Deployment, origin: str | None) -> None:
    ours = deployment.origin
    sent = origin and origin.format(ours=ours, host=ours.removeprefix("http://"))
    with pytest.raises(InvalidStatus) as refusal:
        async with raw(deployment, origin=sent):
            pass
    assert refusal.value.response.status_code == 403


async def test_a_reader_who_never_reads_is_cut_off(deployment: Deployment, people: People) -> None:
    """What is queued for him is bounded; his conversation and everybody else's go on."""
    before = deployment.log.count("reads too slowly")
    visitor, agent = await people.talk("1003")
    for _ in range(30):
        await visitor.say("满" * 4000)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", deployment.port))
    async with people.bystanders(), raw(deployment, sock=deaf, max_queue=1) as reader:
        await reader.enter(visitor)
        ask = orjson.dumps(["conversation:read_log", {"conversation_id": visitor.conversation_id}]).decode()
        reader.socket.transport.pause_reading()
        await reader.send(*(f"42/visitor,{n}{ask}" for n in range(55)))
        await agent.say(visitor.conversation_id, "还在吗？")
        await visitor.expect_event("message", lambda e: e["body"]["text"] == "还在吗？")
        async with asyncio.timeout(DEADLINE_S):
            while deployment.log.count("reads too slowly") == before:
                await asyncio.sleep(0.05)


async def test_nothing_is_inflated(deployment: Deployment) -> None:
    """A small frame that would become a large one is not understood: compression is offered in vain."""
    async with raw(deployment, compression="deflate") as client:
        response = client.socket.response
        assert response is not None
        assert "Sec-WebSocket-Extensions" not in response.headers
        deflated = b"\xc1\x80\x00\x00\x00\x00"  # a text frame with the bit that says "compressed", masked
        client.socket.transport.write(deflated)
        await client.closed()

"""Whoever reaches Redis may disturb, but nothing of his is run, and nobody's conversation ends. Source: reliability 48."""

from __future__ import annotations

import os
import pickle

import pytest
from redis.asyncio import Redis

from tests.deployment import Deployment
from tests.live.people import People


class Shell:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch /tmp/wecc-was-here",)


FOREIGN = {
    "nothing": b"",
    "a pickle": pickle.dumps(Shell()),
    "a pickle in a frame": b"x\nn\nvisitor:a\n" + pickle.dumps(Shell()),
    "not UTF-8": b"x\nn\n\xff\xfe\n\xff",
    "an unknown command": b"x\nc\nos.system\nrm",
    "an unknown kind": b"x\nz\na\nb",
    "frames without end": b"\n" * 100_000,
    "5 MB": b"x\nn\nvisitor:a\n" + b"x" * 5_000_000,
    "a pubsub pattern": b'{"method":"emit","event":"x","data":{}}',
}


@pytest.mark.usefixtures("quiet_log")
async def test_foreign_messages_do_no_harm(deployment: Deployment, people: People) -> None:
    before = deployment.log.count("process.ended")
    async with (
        people.bystanders(),
        Redis(unix_socket_path=str(deployment.folder / "var" / "valkey.sock")) as redis,
    ):
        for content in FOREIGN.values():
            for channel in ("wecc:notices", "socketio", "wecc:*"):
                await redis.publish(channel, content)
        await redis.set("wecc:{*}:\n", "x", ex=1)
    assert deployment.log.count("process.ended") == before

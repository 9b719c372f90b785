"""Whoever reaches Redis may disturb, but nothing of his is run, and nobody's conversation ends. Source: reliability 48."""

from __future__ import annotations

import os
import pickle

import pytest
from redis.asyncio import Redis

from tests.deployment import Deployment
from tests.live.people import People
from wecc.conversations.models import AgentStatus
from wecc.kernel.ids import AgentId, CenterId
from wecc.routing import AgentState, Routing


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


@pytest.mark.usefixtures("database")
async def test_whom_routing_has_lost_is_back_with_his_next_heartbeat(
    deployment: Deployment, people: People
) -> None:
    """He chose to be ready and his console lives, but routing takes him for gone."""
    agent = await people.agent("1002")
    await agent.open_desk()
    await agent.be("ready")
    async with Redis(unix_socket_path=str(deployment.folder / "var" / "valkey.sock")) as redis:
        await Routing(redis).set_agent(CenterId("gd"), AgentId(agent.id), AgentState.OFFLINE)
    await agent.expect("presence:changed", lambda d: agent.state_in(d) == "offline")
    await AgentStatus.filter(agent_id=agent.id).update(state="ready")
    assert (await agent.open_desk())["presence"]["state"] == "offline"
    await agent.ask("presence:beat")
    assert (await agent.open_desk())["presence"]["state"] == "ready"
    await agent.be("offline")

"""A customer goes on where he was: another tab, another device. Source: 2.2-04; issue, "Resume after …"."""

from __future__ import annotations

import json
import uuid

import jwt
import pytest

from tests.clients import Agent, Refused, Visitor, client_id
from tests.deployment import Deployment
from wecc.kernel.clock import SystemClock


async def signed_in(visitor: Visitor, customer: str) -> Visitor:
    """Arrive as a customer the operator's site vouches for."""
    await visitor.arrive()
    key = json.loads((visitor.deployment.folder / "var/demo-identity-key.json").read_text())
    now_s = SystemClock().now_ms() // 1000
    claims = {
        "aud": "gd",
        "sub": customer,
        "name": "何书言",
        "tiers": ["signed"],
        "exp": now_s + 200,
        "jti": uuid.uuid4().hex,
    }
    token = jwt.encode(claims, key["secret"], algorithm="HS256", headers={"kid": key["kid"]})
    await visitor.ask("visitor:identify", token=token)
    return visitor


async def test_a_customer_goes_on_at_another_device(deployment: Deployment) -> None:
    customer = f"NF{uuid.uuid4().hex[:8]}"
    async with Visitor(deployment) as desktop, Visitor(deployment) as phone:
        await signed_in(desktop, customer)
        await desktop.start("在电脑上问的")
        await signed_in(phone, customer)
        state = await phone.ask("visitor:resume")
        assert state["conversation"]["id"] == desktop.conversation_id
        phone.conversation_id = desktop.conversation_id
        await phone.say("在手机上接着问")
        await desktop.expect_event("message", lambda e: e["body"]["text"] == "在手机上接着问")
        await desktop.say("回到电脑")
        await phone.expect_event("message", lambda e: e["body"]["text"] == "回到电脑")
        heard = [d["event"]["seq"] for n, d in desktop.notices if n == "conversation:event_appended"]
        assert len(heard) == len(set(heard)), "each notice once"
        joined = await phone.ask("conversation:start", client_id=client_id(), locale="zh-CN", text="再问一句")
        assert joined["conversation"]["id"] == desktop.conversation_id, "one conversation, not two"
        await phone.ask("conversation:close", conversation_id=desktop.conversation_id)
        await desktop.expect_event("closed")


async def test_an_unverified_visitor_sees_nothing_of_a_customer(deployment: Deployment) -> None:
    async with Visitor(deployment) as customer, Visitor(deployment) as stranger:
        await signed_in(customer, f"NF{uuid.uuid4().hex[:8]}")
        await customer.start("我的隐私")
        await stranger.arrive()
        assert (await stranger.ask("visitor:resume"))["conversation"] is None
        with pytest.raises(Refused, match=r"request\.not_found"):
            await stranger.ask("conversation:read_log", conversation_id=customer.conversation_id)
        await customer.ask("conversation:close", conversation_id=customer.conversation_id)


async def test_two_tabs_start_at_once_and_share_one_conversation(deployment: Deployment) -> None:
    async with Visitor(deployment) as tab, Visitor(deployment) as other:
        await tab.arrive()
        other.token = tab.token
        await other.connect({"token": tab.token})
        first, second = await tab.start("第一页"), await other.start("第二页")
        assert first["conversation"]["id"] == second["conversation"]["id"]
        await tab.expect_event("message", lambda e: e["body"]["text"] == "第二页")
        await tab.ask("conversation:close", conversation_id=tab.conversation_id)


async def test_an_agent_works_at_two_consoles(deployment: Deployment) -> None:
    async with Visitor(deployment) as visitor, Agent(deployment) as desk, Agent(deployment) as laptop:
        await visitor.arrive()
        await visitor.start()
        await desk.sign_in("1002")
        await laptop.sign_in("1002")
        await desk.open_desk()
        await laptop.open_desk()
        await desk.be("ready")
        await laptop.accept_next(visitor.conversation_id)
        await desk.expect(
            "routing:offer_withdrawn", lambda d: d["conversation_id"] == visitor.conversation_id
        )
        await desk.ask("conversation:open", conversation_id=visitor.conversation_id)
        await laptop.say(visitor.conversation_id, "从另一台电脑答复")
        await desk.expect_event("message", lambda e: e["body"]["text"] == "从另一台电脑答复")
        await desk.ask("conversation:close", conversation_id=visitor.conversation_id)
        await desk.be("offline")

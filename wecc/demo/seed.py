"""The sample center's staff and texts; everything of it is invented. Source: 2.4.1-04 (overlapping groups)."""

from __future__ import annotations

from dataclasses import dataclass

from wecc.conversations.seeding import add_canned_replies, add_past_work
from wecc.demo.key import CENTER, IdentityKey, leave_key
from wecc.demo.knowledge import DESK, PINNED, articles
from wecc.demo.yesterday import yesterday
from wecc.identity import Identity
from wecc.identity.seeding import NewCenter, identity_key
from wecc.kernel.actor import Role
from wecc.kernel.clock import Clock, SystemClock
from wecc.knowledge.seeding import add_articles, set_up_staff, set_up_targets
from wecc.routing import Plans
from wecc.routing.seeding import NewAgent, set_up_center
from wecc.security import Passwords
from wecc.selfservice import seed_flows
from wecc.settings import Settings

_KEY_ID = "demo-1"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the start prints, for a person to try."""

    login: str
    password: str
    name: str
    role: str


_GROUPS = {
    "key_accounts": ("大客户座席群", "Key accounts", ("vip", "group_key", "roaming", "group_member")),
    "contract": (
        "签约客户座席群",
        "Contract customers",
        ("vip", "roaming", "group_member", "signed", "prepaid"),
    ),
    "mass_market": ("大众客户座席群", "Mass market", ("signed", "prepaid", "szx", "other")),
}

_AGENTS = (
    NewAgent("1001", "李晓雯", Role.AGENT, ("key_accounts", "contract"), "wecc-1001"),
    NewAgent("1002", "王建国", Role.AGENT, ("contract", "mass_market"), "wecc-1002"),
    NewAgent("1003", "陈思远", Role.AGENT, ("key_accounts", "contract", "mass_market"), "wecc-1003"),
    NewAgent("2001", "赵敏", Role.SUPERVISOR, ("key_accounts", "contract", "mass_market"), "wecc-2001"),
    NewAgent(
        "9001", "系统管理员", Role.ADMINISTRATOR, ("key_accounts", "contract", "mass_market"), "wecc-9001"
    ),
)

_KNOWLEDGE_STAFF = {"1003": (True, False), "2001": (True, True), "1002": (False, True)}
"""Who writes and who reviews, besides administrators."""

_SCRIPTED = (
    ("1101", "周晓琳", ("key_accounts", "contract")),
    ("1102", "吴志强", ("key_accounts", "contract")),
    ("1103", "郑美华", ("key_accounts", "contract")),
    ("1104", "冯俊杰", ("key_accounts", "contract")),
    ("1105", "孙丽娟", ("contract", "mass_market")),
    ("1106", "何文斌", ("contract", "mass_market")),
    ("1107", "高雪梅", ("contract", "mass_market")),
    ("1108", "林家豪", ("contract", "mass_market")),
    ("1109", "罗思敏", ("key_accounts", "mass_market")),
    ("1110", "梁国栋", ("key_accounts", "mass_market")),
    ("1111", "宋佳怡", ("key_accounts", "contract", "mass_market")),
    ("1112", "唐海涛", ("key_accounts", "contract", "mass_market")),
)
SCRIPTED_AGENTS = tuple(
    NewAgent(login, name, Role.AGENT, groups, f"wecc-{login}", capacity=3)
    for login, name, groups in _SCRIPTED
)
"""Whom `wecc rush` signs in; they stay offline otherwise."""

_CANNED = (
    ("hello", "问候", "您好，{visitor}！我是客服代表{agent}，很高兴为您服务。", "zh-CN"),
    ("wait", "请稍候", "请您稍候，我马上为您查询。", "zh-CN"),
    ("bill", "账单说明", "您的账单每月 1 日生成，可以在“我的账户”中查看最近六个月的明细。", "zh-CN"),
    ("broadband", "宽带办理", "宽带可以在网站“宽带报装”页面申请，工作人员会在 24 小时内与您联系。", "zh-CN"),
    ("thanks", "感谢", "感谢您的来访，祝您生活愉快！", "zh-CN"),
    ("hello", "Greeting", "Hello {visitor}, this is {agent}. How can I help you today?", "en"),
    ("wait", "One moment", "One moment please, I am looking this up for you.", "en"),
    (
        "bill",
        "About bills",
        "Bills are issued on the 1st of each month; the last six are under “My account”.",
        "en",
    ),
    ("thanks", "Thank you", "Thank you for contacting us. Have a nice day!", "en"),
)


async def seed(settings: Settings, passwords: Passwords) -> list[SignIn]:
    """Fill the sample center where it is empty, and leave the key for the sample site's process."""
    port = settings.demo.port
    center = NewCenter(
        id=CENTER,
        name_zh="南方通信",
        name_en="Nanfang Telecom",
        greeting_zh="您好！请直接告诉我们您需要什么帮助。",
        greeting_en="Hello! Tell us what you need, just as you would say it.",
        default_tier="other",
        site_origins=(f"http://{settings.web.host}:{port}", f"http://localhost:{port}"),
    )
    clock = SystemClock()
    await set_up_center(settings, clock, passwords, center, _GROUPS, (*_AGENTS, *SCRIPTED_AGENTS))
    identity = Identity(clock, settings.sign_in, passwords)
    plans = Plans(identity, clock, settings.routing)
    await add_past_work(CENTER, yesterday((await plans.current(CENTER)).plan, clock.now_ms()))
    await add_canned_replies(CENTER, _CANNED)
    await _add_knowledge(clock, identity)
    await seed_flows(clock, identity, CENTER)
    leave_key(settings, IdentityKey(_KEY_ID, await identity_key(CENTER, _KEY_ID)))
    return [SignIn(a.login, a.password, a.name, a.role.value) for a in _AGENTS]


async def _add_knowledge(clock: Clock, identity: Identity) -> None:
    await set_up_targets(clock, identity, CENTER, [DESK])
    logins = {facts.login: agent_id for agent_id, facts in (await identity.agent_facts(CENTER)).items()}
    await set_up_staff(CENTER, {logins[login]: roles for login, roles in _KNOWLEDGE_STAFF.items()})
    await add_articles(clock, identity, CENTER, articles(), PINNED)

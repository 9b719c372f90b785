"""Eight sample customers who between them hold every tier. Names and numbers are invented."""

from __future__ import annotations

from dataclasses import dataclass

from wecc.demo.catalog import PLAN, Plan
from wecc.demo.language import Text


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used since the first of the month."""

    data_mb: int
    voice_min: int
    messages: int


@dataclass(frozen=True, slots=True)
class Bill:
    """One month, in fen."""

    plan_minor: int
    beyond_minor: int = 0
    services_minor: int = 0

    @property
    def total_minor(self) -> int:
        return self.plan_minor + self.beyond_minor + self.services_minor


@dataclass(frozen=True, slots=True)
class Customer:
    """A person as the operator's BOSS knows him.

    `tiers` holds a code for each identity, `balance_minor` is fen and negative when he owes, `bills` are
    of the past months, latest first. `plan` and `usage` are None for a customer without a mobile line.

    Source: 2.2-01, 2.2-02.
    """

    external_id: str
    name: Text
    phone: str
    tiers: tuple[str, ...]
    note: Text
    plan: Plan | None
    balance_minor: int
    usage: Usage | None
    bills: tuple[Bill, ...]
    account_manager: str = ""
    """Sign-in name of the agent who looks after him. Source: 2.3-06."""


CUSTOMERS = (
    Customer(
        external_id="NF100001",
        name=Text("陈静仪", "Chen Jingyi"),
        phone="13800000101",
        tiers=("vip", "group_member"),
        note=Text("金卡会员，同时是集团成员", "Gold member, and part of a company account"),
        plan=PLAN["far"],
        balance_minor=128_650,
        usage=Usage(data_mb=63_800, voice_min=742, messages=18),
        bills=(
            Bill(19900, 1200, 3000),
            Bill(19900, 0, 3000),
            Bill(19900, 6800, 3000),
            Bill(19900, 0, 3000),
            Bill(19900, 450, 3000),
            Bill(19900, 0, 1500),
        ),
        account_manager="1001",
    ),
    Customer(
        external_id="NF100002",
        name=Text("林启明", "Lin Qiming"),
        phone="13800000202",
        tiers=("group_key",),
        note=Text("集团客户的决策人，管理 240 个号码", "Decides for a company with 240 numbers"),
        plan=PLAN["firm"],
        balance_minor=356_000,
        usage=Usage(data_mb=88_200, voice_min=1310, messages=46),
        bills=(
            Bill(26900, 0, 8800),
            Bill(26900, 2400, 8800),
            Bill(26900, 0, 8800),
            Bill(26900, 0, 8800),
            Bill(26900, 1500, 8800),
            Bill(26900, 0, 8800),
        ),
        account_manager="1003",
    ),
    Customer(
        external_id="NF100003",
        name=Text("周海若", "Zhou Hairuo"),
        phone="13800000303",
        tiers=("roaming",),
        note=Text("外省号码，正在广东漫游", "Number of another province, now roaming in Guangdong"),
        plan=PLAN["free"],
        balance_minor=4_210,
        usage=Usage(data_mb=71_900, voice_min=388, messages=7),
        bills=(
            Bill(9900, 3300, 0),
            Bill(9900, 900, 0),
            Bill(9900, 0, 0),
            Bill(9900, 0, 0),
            Bill(9900, 2100, 0),
            Bill(9900, 0, 0),
        ),
    ),
    Customer(
        external_id="NF100004",
        name=Text("梁子衡", "Liang Ziheng"),
        phone="13800000404",
        tiers=("group_member",),
        note=Text("集团普通成员，由公司代付", "Company line, paid by the employer"),
        plan=PLAN["daily"],
        balance_minor=9_980,
        usage=Usage(data_mb=12_450, voice_min=156, messages=3),
        bills=(
            Bill(5900),
            Bill(5900),
            Bill(5900, 500),
            Bill(5900),
            Bill(5900),
            Bill(5900),
        ),
    ),
    Customer(
        external_id="NF100005",
        name=Text("何书言", "He Shuyan"),
        phone="13800000505",
        tiers=("signed",),
        note=Text("签约客户，家里办了宽带", "On contract, with broadband at home"),
        plan=PLAN["home"],
        balance_minor=23_740,
        usage=Usage(data_mb=57_300, voice_min=265, messages=11),
        bills=(
            Bill(14900, 0, 1000),
            Bill(14900, 0, 1000),
            Bill(14900, 600, 1000),
            Bill(14900, 0, 1000),
            Bill(14900, 0, 1000),
            Bill(14900, 0, 0),
        ),
    ),
    Customer(
        external_id="NF100006",
        name=Text("黄小满", "Huang Xiaoman"),
        phone="13800000606",
        tiers=("prepaid",),
        note=Text("预存话费，按月扣减", "Prepaid credit, drawn monthly"),
        plan=PLAN["daily"],
        balance_minor=3_150,
        usage=Usage(data_mb=26_900, voice_min=74, messages=22),
        bills=(
            Bill(5900, 1500, 0),
            Bill(5900),
            Bill(5900, 500, 0),
            Bill(5900),
            Bill(5900),
            Bill(5900),
        ),
    ),
    Customer(
        external_id="NF100007",
        name=Text("吴永福", "Wu Yongfu"),
        phone="13800000707",
        tiers=("szx",),
        note=Text("大众套餐，上月多出一笔增值业务费", "Basic plan, with an unexpected charge last month"),
        plan=PLAN["light"],
        balance_minor=-1_240,
        usage=Usage(data_mb=640, voice_min=51, messages=5),
        bills=(
            Bill(1900, 0, 1500),
            Bill(1900),
            Bill(1900, 300, 0),
            Bill(1900),
            Bill(1900),
            Bill(1900),
        ),
    ),
    Customer(
        external_id="NF100008",
        name=Text("苏晚", "Su Wan"),
        phone="13800000808",
        tiers=("other",),
        note=Text("他网手机号，只在这里办了宽带", "Mobile elsewhere, only broadband with us"),
        plan=None,
        balance_minor=6_900,
        usage=None,
        bills=(Bill(6900), Bill(6900), Bill(6900)),
    ),
)

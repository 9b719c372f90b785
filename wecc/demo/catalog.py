"""What Nanfang Telecom sells, and what it has to announce."""

from __future__ import annotations

from dataclasses import dataclass

from wecc.demo.language import Text


@dataclass(frozen=True, slots=True)
class Plan:
    """A mobile plan; `home_mbps` is the broadband it includes, 0 for none."""

    code: str
    name: Text
    price_minor: int
    data_gb: int
    voice_min: int
    extra_cards: int
    home_mbps: int
    beyond: Text
    suits: Text


@dataclass(frozen=True, slots=True)
class Speed:
    """One step of home broadband by itself."""

    mbps: int
    price_minor: int
    suits: Text


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement, `days_ago` days old whenever the site is looked at."""

    days_ago: int
    kind: Text
    title: Text
    body: Text


_BEYOND = Text("5 元/GB，0.15 元/分钟", "¥5 per GB, ¥0.15 per minute")
_BEYOND_LARGE = Text("3 元/GB，0.10 元/分钟", "¥3 per GB, ¥0.10 per minute")

PLANS = (
    Plan(
        "light",
        Text("轻简", "Light"),
        1900,
        5,
        60,
        0,
        0,
        _BEYOND,
        Text(
            "主要接电话、用微信的长辈，或者备用机", "For parents who mostly answer calls, or a second phone"
        ),
    ),
    Plan(
        "daily",
        Text("日常", "Everyday"),
        5900,
        30,
        200,
        1,
        0,
        _BEYOND,
        Text("通勤刷视频、偶尔开热点", "Video on the commute, a hotspot now and then"),
    ),
    Plan(
        "free",
        Text("畅行", "Roomy"),
        9900,
        80,
        500,
        2,
        0,
        _BEYOND_LARGE,
        Text("常在外面办公，流量用得多", "Working out and about, heavy on data"),
    ),
    Plan(
        "home",
        Text("家和", "Household"),
        14900,
        120,
        1000,
        3,
        500,
        _BEYOND_LARGE,
        Text("一家四口，手机和宽带合在一张账单", "A family of four, mobile and broadband on one bill"),
    ),
    Plan(
        "far",
        Text("远行", "Traveller"),
        19900,
        150,
        1500,
        2,
        0,
        Text("3 元/GB；境外每月含 7 天", "¥3 per GB; 7 days abroad included each month"),
        Text("每月都出差，常去境外", "On the road every month, often abroad"),
    ),
    Plan(
        "firm",
        Text("商企", "Business"),
        26900,
        200,
        2000,
        5,
        1000,
        _BEYOND_LARGE,
        Text("小团队共享流量，配专属客户经理", "Small teams sharing data, with an account manager"),
    ),
)
PLAN = {plan.code: plan for plan in PLANS}

SPEEDS = (
    Speed(300, 4900, Text("1–2 人，上网课、看高清", "1–2 people, classes and HD video")),
    Speed(500, 6900, Text("3–4 人，几台设备一起用", "3–4 people, several devices at once")),
    Speed(1000, 9900, Text("4K 电视、云备份、直播", "4K television, cloud backup, streaming")),
    Speed(2000, 15900, Text("全屋光纤，多房间高并发", "Fibre to every room, many users")),
)

NOTICES = (
    Notice(
        0,
        Text("网络维护", "Maintenance"),
        Text("东莞部分区域凌晨割接", "Overnight network work in parts of Dongguan"),
        Text(
            "今晚 0:00–5:00，东城、南城的宽带会有不超过 10 分钟的中断，手机不受影响。",
            "Tonight 0:00–5:00, broadband in Dongcheng and Nancheng pauses for up to 10 minutes. "
            "Mobile is not affected.",
        ),
    ),
    Notice(
        6,
        Text("资费", "Prices"),
        Text("“畅行”套餐流量增至 80 GB", "Roomy now includes 80 GB"),
        Text("月费不变，老用户自动生效，无需办理。", "Same price; current customers get it automatically."),
    ),
    Notice(
        15,
        Text("防诈骗", "Fraud"),
        Text("我们不会索要验证码", "We never ask for your codes"),
        Text(
            "自称客服、要求屏幕共享或转账的来电，请挂断后从本站联系我们。",
            "If a caller claims to be us and asks for screen sharing or a transfer, hang up and ask us here.",
        ),
    ),
)

"""The action guard: to report a loss and to lift the report share every other word, and are opposite articles."""

from __future__ import annotations

import re
from functools import lru_cache

# Each pair: what one side says, and what the other. Longer wordings are read first, so 取消挂失 is not 挂失.
_OPPOSITES: tuple[tuple[str, str], ...] = (
    ("挂失", "取消挂失|解除挂失|撤销挂失|解挂"),
    (
        "开通|开启|打开|启用|激活|activate|enable|subscribe|open|turn on|sign up",
        "关闭|取消|关掉|停用|退订|注销|退掉|deactivate|disable|unsubscribe|cancel|close|terminate|turn off",
    ),
    # Also said of closing (关闭怎么办理), so a pair of its own: who says both takes no side in it.
    ("办理|申请|订购|订阅", "关闭|取消|关掉|停用|退订|注销|退掉"),
    (
        "停机|停机保号|暂停|冻结|锁定|suspend|block|freeze|lock",
        "复机|开机|恢复|解冻|解锁|解除停机|resume|unsuspend|unblock|unfreeze|unlock|restore",
    ),
    ("查询|查看|查一下|check|view", "修改|更改|变更|更换|change|modify|update|edit"),
    ("修改|更改|变更|change", "重置|找回|忘记|reset|forgot|forgotten"),
    ("绑定|link|bind", "解绑|解除绑定|取消绑定|unlink|unbind"),
    (
        "提高|提升|增加|升级|调高|increase|raise|upgrade",
        "降低|减少|降级|调低|decrease|lower|reduce|downgrade",
    ),
    ("充值|缴费|交费|top up|top-up|recharge", "退费|退款|refund"),
    ("转入|携入|呼入|incoming", "转出|携出|呼出|outgoing"),
)
_FAILURE = re.compile(
    r"不|没|无法|失败"
    r"|\bnot\b|n't\b|\bcannot\b|\bcant\b|\bunable\b|\bfail|\bdeclin|\breject|\bden(?:y|ied)\b"
)


def _pattern(pair: tuple[str, str]) -> re.Pattern[str]:
    """One that finds either side, the longer wording first; English only as whole words."""
    sides = [
        (wording, group)
        for group, side in (("one", pair[0]), ("other", pair[1]))
        for wording in side.split("|")
    ]
    sides.sort(key=lambda item: -len(item[0]))
    parts = [f"(?P<{group}_{number}>{_spelled(wording)})" for number, (wording, group) in enumerate(sides)]
    return re.compile("|".join(parts))


def _spelled(wording: str) -> str:
    """English in its plain forms; Chinese not where it only tells what went before (挂失后怎么…, 停机了怎么…)."""
    if not wording.isascii():
        return f"{wording}(?![后了])"
    verb, space, rest = wording.partition(" ")
    return rf"\b{verb.removesuffix('e')}(?:e|s|es|d|ed|ing|{verb[-1]}ed|{verb[-1]}ing)?{space}{rest}\b"


_PATTERNS = tuple(_pattern(pair) for pair in _OPPOSITES)


@lru_cache(maxsize=20_000)
def sides(text: str) -> frozenset[tuple[int, str]]:
    """Which sides of which opposites a normalised text takes; none where it takes both."""
    taken: set[tuple[int, str]] = set()
    for number, pattern in enumerate(_PATTERNS):
        found = {(match.lastgroup or "").partition("_")[0] for match in pattern.finditer(text)}
        if len(found) == 1:
            taken.add((number, found.pop()))
    return frozenset(taken)


def are_opposite(text: str, other: str) -> bool:
    """Whether two normalised texts ask for opposite things."""
    return any(
        number == same and side != opposite for number, side in sides(text) for same, opposite in sides(other)
    )


@lru_cache(maxsize=20_000)
def tells_of_failure(text: str) -> bool:
    """Whether a normalised text says that something does not work, or is not so."""
    return _FAILURE.search(text) is not None

"""The action guard by itself."""

from __future__ import annotations

import pytest

from wecc.knowledge.search.actions import are_opposite, tells_of_failure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("手机挂失", "手机取消挂失"),
        ("挂失了怎么解除挂失", "挂失要多久"),
        ("开通国际漫游", "国际漫游怎么取消"),
        ("办理彩铃", "退订彩铃"),
        ("号码停机保号怎么办", "停机后怎么复机"),
        ("查询服务密码", "修改服务密码"),
        ("修改服务密码", "重置服务密码"),
        ("绑定银行卡", "解除绑定银行卡"),
        ("转入余额", "转出余额"),
        ("activate roaming", "how do i deactivate roaming"),
        ("suspend my number", "unsuspend my number"),
        ("turn on voicemail", "turning off voicemail"),
        ("lock the card", "unlocked the card"),
        ("upgrade my plan", "downgrade my plan"),
    ],
)
def test_opposites(one: str, other: str) -> None:
    assert are_opposite(one, other)
    assert are_opposite(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎么挂失", "挂失怎么办理"),
        ("关闭漫游怎么办理", "取消国际漫游"),
        ("开通和取消的区别", "怎么取消"),
        ("宽带网速慢", "怎么取消宽带"),
        ("open an account", "opened accounts"),
        ("clock settings", "unlock my phone"),
    ],
)
def test_no_opposites(one: str, other: str) -> None:
    assert not are_opposite(one, other)


def test_failure_is_told_from_a_plain_question() -> None:
    assert tells_of_failure("花不了流量怎么回事")
    assert tells_of_failure("my card isn't working")
    assert not tells_of_failure("怎么查询流量")
    assert not tells_of_failure("nothing notable here")

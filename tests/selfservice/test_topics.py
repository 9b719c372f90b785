"""What words mean: a wish for a person, topics for people, politeness, and what is denied."""

from __future__ import annotations

import time

import pytest

from tests.selfservice.flows import operator_flow
from wecc.selfservice.topics import Smalltalk, Topic, Topics, TopicWords, names_manager, smalltalk

WISHES = (
    "转人工",
    "人工",
    "人工客服",
    "客服",
    "真人",
    "人工 人工 人工",
    "转 人 工",
    "轉人工",
    "ＡＩ太笨了，转人工！",
    "我要人工",
    "请转人工服务，谢谢",
    "帮我找个客服",
    "联系你们的客服",
    "我要跟真人聊",
    "找个人跟我说",
    "有没有人",
    "有人吗",
    "怎么转人工",
    "人工在哪",
    "能不能转人工",
    "要不要转人工",
    "怎么不给我转人工",
    "为什么不能转人工",
    "没有转人工的按钮吗",
    "不要机器人，转人工",
    "不要机器人",
    "查不到，给我转人工，别再让我选了",
    "联系我的客户经理",
    "agent",
    "Agent please",
    "a real person",
    "human",
    "talk to a person",
    "I want to talk to an agent",
    "can I speak with someone",
    "I don’t want a bot, give me an agent",
    "I don't want a bot I want a human",
    "why can't I talk to a person",
    "how do I contact customer service",
    "connect me to a representative",
    "is there a real person",
    "stop the bot",
    "叫你们经理来",
    "我要找你们主管",
    "找个能管事的",
    "rengong",
    "zhuan ren gong",
    "rg",
    "请客服给我打电话",
    "让客服联系我",
    "客服人员",
    "能换人吗",
    "人工帮我查",
    "能不能人工处理",
    "为啥没有人工",
    "不想跟机器人说话",
    "跟机器人说不清楚",
    "human agent",
    "live agent please",
    "a supervisor please",
    "speak agent",
    "switch to an agent",
    "escalate this to a human",
    "can you transfer me",
    "get me a person",
    "can someone help me",
    "is there anyone there",
    "I don't want to talk to a machine",
    "no more bots",
    "please call me back",
)

NO_WISHES = (
    "不用转人工",
    "不转人工",
    "先不转人工",
    "我不要转人工",
    "别给我转人工",
    "我不想转人工",
    "不需要人工",
    "我没有要转人工",
    "不是要转人工",
    "人工就不用了",
    "转人工不用了",
    "人工服务电话是多少",
    "客服电话",
    "有没有客服电话",
    "客服几点上班",
    "人工智能套餐是什么",
    "宽带安装要人工费吗",
    "需要人工审核吗",
    "我跟客服说过了",
    "有客服给我打电话说中奖",
    "我的客户经理是谁",
    "取消呼叫转移",
    "I don't need an agent",
    "I don't want to talk to an agent",
    "no need to talk to an agent",
    "what is the customer service number",
    "How can I transfer my number to another person",
    "call forwarding to another person",
    "how do I reach someone abroad",
    "how do I become an agent",
    "没必要转人工",
    "没有转人工的必要",
    "换会员套餐",
    "需要经理审批吗",
    "机器人套餐多少钱",
    "为什么没有人工费明细",
    "transfer to someone else",
    "switch to support volte",
    "can anyone around me use my hotspot",
    "block robot calls",
    "who called me",
    "do not call me back",
    "",
    "？？？",
)

TOPICS = (
    ("我要投诉", "complaint"),
    ("你们乱扣费", "complaint"),
    ("I want to complain", "complaint"),
    ("我不是要投诉", None),
    ("I don't want to complain", None),
    ("我要销户", "cancel"),
    ("怎么注销号码", "cancel"),
    ("攜號轉網怎麼辦理", "cancel"),
    ("Close my  account", "cancel"),
    ("port out", "cancel"),
    ("我不想销户", None),
    ("取消呼叫转移", None),
    ("怎么取消流量包", None),
    ("cancel call forwarding", None),
    ("support outage", None),
    ("被骗了", "fraud"),
    ("有人冒充客服让我转账", "fraud"),
    ("I got scammed", "fraud"),
    ("怎么防诈骗", None),
    ("被骗了，转人工", "fraud"),
    ("我要投诉，给我转人工", "complaint"),
)


@pytest.fixture(scope="module")
def topics() -> Topics:
    return operator_flow("signed").topics


@pytest.mark.parametrize("words", WISHES)
def test_a_wish_is_understood(topics: Topics, words: str) -> None:
    assert topics.heard(words) == "wish"


@pytest.mark.parametrize("words", NO_WISHES)
def test_what_is_denied_or_only_mentioned_is_no_wish(topics: Topics, words: str) -> None:
    assert topics.heard(words) is None


def test_a_wish_needs_no_words_of_the_flow() -> None:
    assert Topics.of({}).heard("转人工") == "wish"
    assert Topics.of({}).heard("talk to a human") == "wish"


@pytest.mark.parametrize(("words", "topic"), TOPICS)
def test_topics_for_people(topics: Topics, words: str, topic: Topic | None) -> None:
    assert topics.heard(words) == topic


def test_who_comes_from_another_network_may_ask_for_what_others_leave_by() -> None:
    assert operator_flow("other").topics.heard("我想携号转网到你们这里") is None
    assert operator_flow("other").topics.heard("我要销户") == "cancel"


def test_lists_of_several_files_are_one() -> None:
    topics = Topics.of(
        {"complaint": [TopicWords(zh=("投诉",)), TopicWords(en=("awful",), excepted=("投诉建议",))]}
    )
    assert topics.heard("投诉") == topics.heard("this is awful") == "complaint"
    assert topics.heard("投诉建议在哪写") is topics.heard("lawfully") is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("你好", "greeting"),
        ("您好，在吗？", "greeting"),
        ("Hi there!", "greeting"),
        ("", "greeting"),
        ("…", "greeting"),
        ("谢谢", "thanks"),
        ("好的，谢谢您", "thanks"),
        ("ok thanks", "thanks"),
        ("没有解决", "denial"),
        ("That didn't help.", "denial"),
        ("你好，我想查话费", ""),
        ("好的套餐有哪些", ""),
        ("没用完的流量怎么办", ""),
    ],
)
def test_politeness_is_no_question(words: str, kind: Smalltalk) -> None:
    assert smalltalk(words) == kind


def test_the_account_manager_is_named() -> None:
    assert names_manager("找我的客户经理")
    assert names_manager("my Account Manager please")
    assert not names_manager("转人工")


@pytest.mark.parametrize(
    "piece",
    [
        "给我",
        "联系客服的",
        "客服",
        "不要再跟",
        "transfer me ",
        "real human ",
        "ren gong ",
        "can you please ",
        "不要",
        "没想要说",
        "嗯",
        "talk to a ",
        "don't want to ",
        "!",
        "的",
        " ",
    ],
)
def test_no_text_takes_long(topics: Topics, piece: str) -> None:
    words = (piece * 4000)[:4000] + "x"
    began_s = time.perf_counter()
    topics.heard(words)
    smalltalk(words)
    smalltalk((piece * 40)[:39] + "x")
    assert time.perf_counter() - began_s < 0.25

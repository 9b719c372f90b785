"""What a customer's words mean for the way on: a wish for a person, a topic for people, or only politeness.

Words are found clause by clause and count unless they are denied: "不用转人工" is no wish, "怎么不给我转人工" is
one. A wish is understood whatever the flow says; the flow may add words of its own. Source: 2.3-05, 3.2.3-02.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import opencc

Topic = Literal["wish", "complaint", "cancel", "fraud"]
TOPICS: tuple[Topic, ...] = ("fraud", "complaint", "cancel", "wish")
"""Strongest first: who wants a person because of a fraud is handed over because of the fraud."""

Smalltalk = Literal["", "greeting", "thanks", "denial"]

_SIMPLIFIED = opencc.OpenCC("t2s")
_HAN = "\u4e00-\u9fff"
_GAPS = re.compile(rf"(?<=[{_HAN}])[ \t]+(?=[{_HAN}])")
_CLAUSE = re.compile(r"[,，。.!！?？;；、…~\n]+")
_EDGES = " \t'\"“”‘’()（）:：-"
_READ_CHARS = 1500
_SMALLTALK_CHARS = 40

# ---------------------------------------------------------------------- a wish, in Chinese

_WHO = (
    "(?:真人|活人|人工|客服|[座坐]席|话务员|接线员|客户经理|大客户经理|工作人员|客户代表|业务代表|专员|专人)"
)
_WHOM = rf"(?:一下|[一]?[个位名]|到|至|给|你们?的?|您的?|我们?的?|真正的|在线|专属|{_WHO}){{0,5}}{_WHO}"
_BOSS = r"(?:经理|领导|主管|负责人|上级|管事的人?)(?!套餐|是谁|是什么|电话)"
# The number, the hours, the price of it: questions, to be answered.
_NOT_ABOUT = (
    r"(?!(?:服务|客服|[座坐]席|台|的)*(?:电话|热线|号码|微信|邮箱|费|收费|多少钱|时间|几点|上班|下班|智能|"
    r"审核|核实|核验|办理|充值|成本|处理要|工资|招聘))"
)
_WISH_ZH = (
    rf"(?:转接?|接通?|接入|找|叫|换|呼叫|联系|连线|请|派|安排|想?要|需要|来|给我|帮我){_WHOM}{_NOT_ABOUT}"
    rf"|(?:找|叫|联系|转|我要|要见)(?:一?[个位名]|你们?的?|您的?|能){{0,3}}{_BOSS}"
    rf"|(?:让|叫){_WHOM}(?:来|联系|回电|回复|打电话|处理|跟我|和我|给我)"
    rf"|(?:为什么|为啥|怎么|咋)(?:都|就|总是)?(?:没有?|找不到|联系不上){_WHO}$"
    rf"|有没有{_WHOM}{_NOT_ABOUT}|有{_WHOM}(?:在)?(?:吗|么|嘛|没)"
    rf"|(?:和|跟|与|同)(?:{_WHOM}|(?:一?个)?人)(?:聊|说|谈|讲|沟通|对话|通话|交流)(?!过)"
    rf"|{_WHO}(?:服务)?(?:在哪|呢|怎么[转找联接]|如何[转找联接]|在不在|在吗|快来|出来)"
    r"|(?:换|找|来|派)个?人(?:来|跟|和|给|聊|说|处理|帮|吧?$|吗$)"
    r"|(?:找|换|叫|来|派)个?(?:懂|会|明白|管事|能办事)的人?"
    r"|(?:不要|不想|别|讨厌|受够|不跟|不和)(?:再|让|和|跟|与|用|你们的?|这个?|了|说|聊){0,4}机器人"
    r"|(?:跟|和|与)(?:你们?的?)?机器人(?:说|讲|聊|沟通)不"
    r"|有没有人|有人(?:在)?[吗么嘛没]"
)
_POLITE_ZH = (
    r"(?:请问?|您好|你好|麻烦|我|想|要|给|帮|吧|啊|呀|呐|了|谢谢|嘛|呢|吗|在线|马上|立即|现在|快|直接|尽快|下|"
    r"一|求|急|能不能|可不可以|可以|能)"
)
_WHAT_FOR_ZH = r"(?:帮我?忙?|查询?|处理|解决|协助|接待|问题|看)"
_ALONE_ZH = re.compile(
    rf"{_POLITE_ZH}*{_WHO}(?:{_WHO}|服务|台|人员|小姐姐?)*(?:{_POLITE_ZH}|{_WHAT_FOR_ZH})*"
    rf"|{_POLITE_ZH}*(?:打|回)个?电话给我{_POLITE_ZH}*|{_POLITE_ZH}*给我(?:打|回)个?电话{_POLITE_ZH}*"
    r"|[转接]?\s*(?:(?:zhuan\s*)?ren\s*gong|z?rg)"
)

_DENIED_ZH = re.compile(
    r"(?:没有?必要|(?<![么啥嘛何什能可是要用想需])不|(?<!用)不用|(?<!要)不要|(?<!想)不想要?|(?<!需)不需要?|(?<!是)不是(?:要|想|来)?|无需|无须|不必|别再?|用不着|"
    r"不愿意?|(?<!有)没(?:有)?(?:想|要|说|打算)+)"
    r"(?:再|先|给|帮|替|马上|现在|老是?|总是?|一直|直接|每次都?|去|来|你|您|我|们|让|麻烦|随便|急着|想|要)*$"
)
_WAIVED_ZH = re.compile(
    r"(?:客服|服务|[座坐]席)*(?:就|先|也|都|那|还是)*(?:不用|不要|不需要|不必|算|免)(?:了|啦|吧|$)|的必要"
)

# ---------------------------------------------------------------------- a wish, in English

_KIND = r"(?:(?:real|live|human|actual|customer|service|support|care|sales|account|senior)\s+)*"
_BOT = r"(?:(?:chat\s?|ro)?bots?|machines?|computers?)\b"
_A = r"(?:(?:a|an|the|your|my|some|any|another|one of your)\s+)?"
_SOMEBODY = (
    r"(?:humans?(?:\s+being)?|persons?|people|agents?|representatives?|reps?|operators?|someone|somebody|staff|advisors?|"
    r"service|support|manager|supervisor|live chat)"
)
_AGENT = (
    r"(?:humans?(?:\s+being)?|(?:real|live|actual)\s+(?:person|people)|agents?|representatives?|reps?|operators?|"
    r"(?:customer|human|live)\s+(?:service|support|care|chat|help)|account\s+manager|live\s+chat|supervisors?)"
)
_NOT_ABOUT_EN = r"(?!\s+(?:number|hotline|phone|telephone|e-?mail|fees?|hours|address|charges?))"
_WISH_EN = (
    rf"\b(?:talk|speak|chat)(?:ing)?(?:\s+(?:directly|live))?\s+(?:to|with)\s+{_A}{_KIND}{_SOMEBODY}\b{_NOT_ABOUT_EN}"
    rf"|\b(?:talk|speak|chat)\s+{_A}{_KIND}{_AGENT}\b"
    rf"|\b(?:transfer|connect|put|switch|pass|hand|redirect|escalate)(?:\s+(?:over|through))?"
    rf"(?:\s+(?:me|us|this|it)(?:\s+(?:over|through))?\s+(?:to|with)\s+{_A}{_KIND}{_SOMEBODY}"
    rf"|\s+(?:to|with)\s+{_A}{_KIND}{_AGENT})\b"
    rf"|\b(?:get|give|find|fetch)\s+me\s+{_A}{_KIND}(?:person|someone|somebody)\b"
    rf"|\bhelp\s+(?:from|by)\s+{_A}{_KIND}(?:{_AGENT}|person)\b"
    r"|\b(?:anyone|anybody)\s+(?:there|here|real|human)\s*$"
    rf"|\b(?:don'?t|not|never|stop)\s+(?:\w+\s+){{0,2}}(?:talk|speak|chat)(?:ing)?\s+(?:to|with)\s+{_A}{_BOT}"
    rf"|\b(?:no|not|stop|hate|tired of)\s+(?:more\s+|th(?:is|ese)\s+)?{_A}(?:chat\s?|ro)?bots?\b"
    rf"|\b(?:want|need|get|give|find|fetch|reach|contact|like|prefer|request|is\s+there|have)(?:\s+(?:me|us|to\s+have))?"
    rf"\s+{_A}(?:(?:real|live|actual|senior)\s+)?{_AGENT}\b{_NOT_ABOUT_EN}"
)
_ALONE_EN = re.compile(
    rf"(?:(?:hi|hello|hey|please|now|just|i|want|need|would like|an?|the|some|any|your)\s+)*"
    rf"(?:{_KIND}(?:{_AGENT}|persons?|someone|manager)(?:\s+real)?"
    r"|(?:(?:can|could)\s+you\s+)?(?:transfer|connect)\s+me(?:\s+over)?|hand\s+me\s+over|escalate(?:\s+(?:this|it))?"
    r"|(?:(?:can|could|will)\s+(?:you|someone|somebody)\s+)?(?:please\s+)?call\s+me(?:\s+back)?"
    r"|(?:can|could)\s+(?:someone|somebody|anyone|anybody)\s+(?:please\s+)?help(?:\s+me)?)"
    r"(?:\s+(?:please|now|help|me))*"
)
_DENIED_EN = re.compile(
    r"\b(?:don'?t|do not|doesn'?t|no need(?: to)?|not|never|without|rather not|needn'?t|no)\s+"
    r"(?:(?:want|need|wish|have|like|to|going|just|really|please|any|be|get|keep|trying)\s+)*$"
)

_WISH = re.compile(f"{_WISH_ZH}|{_WISH_EN}")
_MANAGER = re.compile(r"客户经理|account manager")

# ---------------------------------------------------------------------- politeness

_GREETING = re.compile(
    r"(?:您好|你好|哈喽|在吗|在不在|在么|嗨|喂|早上好|上午好|中午好|下午好|晚上好|"
    r"hi|hello|hey|good (?:morning|afternoon|evening)|there|啊|呀|[\W_])+"
)
_THANKS = re.compile(
    r"(?:谢谢|多谢|感谢|谢了|好的?|嗯|行|可以了?|明白了?|知道了?|了解了?|懂了|清楚了?|解决了|已解决|搞定了|没有了|"
    r"没了|没事了|再见|拜拜|您|你|哦|啦|thanks?|thank you|thx|ok(?:ay)?|got it|great|solved|"
    r"that (?:helped|solved it)|no more|bye|goodbye|very much|so much|a lot|[\W_])+"
)
_DENIAL = re.compile(
    r"(?:还是?|都)?(?:没有?解决|没用|没有用|没帮助|不对|不是这个|答非所问|看不懂|不明白|not solved|not helpful|"
    r"(?:that |this )?(?:did not|didn'?t|does not|doesn'?t) (?:help|work)|wrong|no,? not (?:that|this))"
)


@dataclass(frozen=True, slots=True)
class TopicWords:
    """Words of one topic as a flow lists them; where one of `excepted` stands, nothing is found."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topics:
    """A flow's words, compiled."""

    _found: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    _excepted: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    @staticmethod
    def of(words: Mapping[str, Iterable[TopicWords]]) -> Topics:
        """From the lists of a flow and of what it uses."""
        found: dict[str, re.Pattern[str]] = {}
        excepted: dict[str, re.Pattern[str]] = {}
        for topic, lists in words.items():
            listed = list(lists)
            zh = [re.escape(normal(word)) for each in listed for word in each.zh]
            en = [_whole(word) for each in listed for word in each.en]
            if zh or en:
                found[topic] = re.compile("|".join(sorted([*zh, *en], key=len, reverse=True)))
            if spared := [re.escape(normal(word)) for each in listed for word in each.excepted]:
                excepted[topic] = re.compile("|".join(sorted(spared, key=len, reverse=True)))
        return Topics(found, excepted)

    def heard(self, text: str) -> Topic | None:
        """The strongest topic the words are about; None when a look into the knowledge base is due."""
        plain = normal(text[:_READ_CHARS])
        return next((topic for topic in TOPICS if self._is_about(topic, plain)), None)

    def _is_about(self, topic: Topic, plain: str) -> bool:
        if spared := self._excepted.get(topic):
            plain = spared.sub("\0", plain)
        patterns = [self._found[topic]] if topic in self._found else []
        if topic == "wish":
            patterns.append(_WISH)
        for clause in _CLAUSE.split(plain):
            bare = clause.strip(_EDGES)
            if topic == "wish" and (_ALONE_ZH.fullmatch(bare) or _ALONE_EN.fullmatch(bare)):
                return True
            for pattern in patterns:
                if any(not _is_denied(clause, match) for match in pattern.finditer(clause)):
                    return True
        return False


def names_manager(text: str) -> bool:
    """Whether the words ask for the customer's own account manager. Source: 2.3-06."""
    return _MANAGER.search(normal(text[:_READ_CHARS])) is not None


def smalltalk(text: str) -> Smalltalk:
    """Whether the words are nothing but a greeting, a thank-you, or "that was no help"."""
    if len(text) > _SMALLTALK_CHARS:
        return ""
    plain = normal(text).strip()
    if not plain or _GREETING.fullmatch(plain):
        return "greeting"
    if _THANKS.fullmatch(plain):
        return "thanks"
    return "denial" if _DENIAL.fullmatch(plain.strip(_EDGES + "!.?。~")) else ""


def normal(text: str) -> str:
    """One spelling: NFKC, lower case, simplified characters, straight apostrophes, no gaps between characters."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    if not plain.isascii():
        plain = _GAPS.sub("", _SIMPLIFIED.convert(plain))
    return plain


def _is_denied(clause: str, match: re.Match[str]) -> bool:
    before, after = clause[max(0, match.start() - 60) : match.start()], clause[match.end() :]
    return bool(_DENIED_ZH.search(before) or _DENIED_EN.search(before) or _WAIVED_ZH.match(after))


def _whole(word: str) -> str:
    """An English phrase between word boundaries, however it is spaced."""
    return r"(?<!\w)" + r"\s+".join(re.escape(part) for part in normal(word).split()) + r"(?!\w)"

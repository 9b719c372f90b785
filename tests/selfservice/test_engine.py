"""What follows from what customers say, on a small flow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.selfservice.flows import SMALL, compiled, small_flow
from wecc.selfservice.engine import (
    Answered,
    Ask,
    Card,
    Chosen,
    End,
    Filled,
    HandOver,
    Open,
    Position,
    Said,
    Step,
    Text,
    answered,
    greet,
    hear,
    opened,
    problems_of_form,
)
from wecc.selfservice.flow import CompiledFlow

NAMES = {"name": "王敏", "center": "南方通信"}
CARDS = tuple(Card(f"a{i}", f"标题{i}", f"摘要{i}", f"正文{i}") for i in range(7))


def at(step: Step, seen: frozenset[str] = frozenset()) -> Position:
    return Position(step.node, step.unsolved_turns, seen | {step.node}, step.options)


def begin(flow: CompiledFlow | None = None) -> Step:
    step = greet(flow or small_flow(), "zh-CN", NAMES)
    assert isinstance(step, Step)
    return step


def say(step: Step, said: Said | str, flow: CompiledFlow | None = None) -> Step | Ask | Open | HandOver | End:
    words = Text(said) if isinstance(said, str) else said
    return hear(flow or small_flow(), at(step), words, "zh-CN", NAMES, step.question_id)


def find(step: Step, found: Answered) -> Step | HandOver:
    return answered(small_flow(), at(step), "zh-CN", found)


def chosen(step: Step, option: str) -> Step:
    following = say(step, Chosen(option))
    assert isinstance(following, Step)
    return following


def keys(step: Step) -> list[tuple[str, str]]:
    return [(option.key, option.id) for option in step.options]


# ---------------------------------------------------------------------- the way through


def test_the_greeting_says_all_on_the_way_to_the_first_menu() -> None:
    step = begin()
    assert (step.node, step.text) == ("welcome", "好消息\n\n王敏，您好，这里是南方通信")
    assert keys(step) == [("1", "nf-balance"), ("2", "ask"), ("3", "apply"), ("7", "manager"), ("4", "bye")]
    assert [option.kind for option in step.options] == ["article", "go", "go", "go", "go"]


@pytest.mark.parametrize(
    ("locale", "text"), [("zh-CN", "您好，这里是南方通信"), ("en", "Hello, this is 南方通信")]
)
def test_who_has_no_name_is_greeted_without_one(locale: str, text: str) -> None:
    step = greet(small_flow(), locale, {"name": "", "center": "南方通信"})
    assert isinstance(step, Step)
    assert step.text.endswith(text)


def test_a_name_is_no_markup() -> None:
    step = greet(small_flow(), "en", {"name": "[Eve](https://evil.example) **x**\n# y", "center": "C"})
    assert isinstance(step, Step)
    assert "Hello Evehttps://evil.example x# y, this" in step.text


def test_what_is_said_once_is_not_said_again() -> None:
    flow = compiled("small", SMALL.replace("go: welcome\n  manager", "go: news\n  manager"))
    form = hear(flow, at(begin(flow)), Chosen("apply"), "zh-CN", NAMES)
    assert isinstance(form, Step)
    again = hear(
        flow,
        at(form, frozenset({"welcome"})),
        Filled({"plan": "轻简", "phone": "13800000101"}),
        "zh-CN",
        NAMES,
    )
    assert isinstance(again, Step)
    assert again.text == "收到\n\n王敏，您好，这里是南方通信"


@pytest.mark.parametrize("words", ["2", "２", "2.", "选2", "提问", " 提问 ", "“提问”"])
def test_typed_digits_and_labels_choose(words: str) -> None:
    step = say(begin(), words)
    assert isinstance(step, Step)
    assert (step.node, step.text) == ("ask", "请写下问题")


def test_zero_is_a_person_and_nine_the_menu() -> None:
    step = chosen(begin(), "ask")
    assert keys(step) == [("9", "home")]
    assert isinstance(say(step, "0"), HandOver)
    back = say(step, "9")
    assert isinstance(back, Step)
    assert back.node == "welcome"


def test_digits_of_the_newest_step_come_first() -> None:
    step = find(begin(), Answered("q1", "suggest", articles=CARDS[:2]))
    assert isinstance(step, Step)
    assert say(step, "2") == Open("a1", "q1")
    # Whoever does not know the newest step's options is understood by the node's own.
    assert isinstance(hear(small_flow(), Position("welcome"), Text("2"), "zh-CN", NAMES), Step)


def test_an_unknown_option_or_node_says_it_again() -> None:
    step = begin()
    assert say(step, Chosen("of-another-version")) == replace(step, text="王敏，您好，这里是南方通信")
    lost = hear(small_flow(), Position("gone"), Chosen("x"), "zh-CN", NAMES)
    assert isinstance(lost, Step)
    assert lost.node == "welcome"


def test_menus_open_articles_and_hand_over_and_end() -> None:
    step = begin()
    assert say(step, Chosen("nf-balance")) == Open("external:nf-balance")
    manager = HandOver("flow", wish="account_manager", text="正在联系", note="找经理")
    assert say(step, Chosen("manager")) == manager
    assert say(step, Chosen("bye")) == End(text="再见")


# ---------------------------------------------------------------------- a person


@pytest.mark.parametrize("said", ["转人工", Chosen("person"), "0"])
def test_a_wish_is_honoured_wherever_he_is(said: Said | str) -> None:
    welcome = begin()
    for step in (welcome, chosen(welcome, "ask"), chosen(welcome, "apply"), chosen(welcome, "solved")):
        assert say(step, said) == HandOver("wish")


def test_a_wish_is_stronger_than_an_article_of_that_name() -> None:
    card = Card("a9", "转人工", "", "")
    step = find(begin(), Answered("q1", "suggest", articles=(card, replace(card, id="a8", title="投诉电话"))))
    assert isinstance(step, Step)
    assert say(step, "转人工") == HandOver("wish")
    assert say(step, "投诉电话") == Open("a8", "q1")


def test_a_wish_for_the_account_manager_names_him() -> None:
    assert say(begin(), "联系我的客户经理") == HandOver("wish", wish="account_manager")


def test_topics_hand_over() -> None:
    assert say(begin(), "我要投诉") == HandOver("topic", "complaint")


def test_who_is_to_be_served_by_people_is_whatever_he_writes() -> None:
    flow = compiled("small", SMALL.replace("offers_person: after_unsolved", "free_text: person"))
    step = begin(flow)
    assert say(step, "我的账单不对", flow) == HandOver("flow")
    assert say(step, "你好", flow) == HandOver("flow")
    # The number of an option is a choice, and a question he chose to ask himself is looked up.
    question = say(step, "2", flow)
    assert isinstance(question, Step)
    assert say(question, "我的账单不对", flow) == Ask("我的账单不对", "话费")


@pytest.mark.parametrize(
    ("offers", "first", "after_a_failure"),
    [("at_once", True, True), ("after_unsolved", False, True), ("never", False, False)],
)
def test_when_a_person_is_offered(offers: str, first: bool, after_a_failure: bool) -> None:
    flow = compiled("small", SMALL.replace("after_unsolved", offers))
    step = begin(flow)
    assert ("0", "person") in keys(step) or not first
    failed = answered(flow, at(step), "zh-CN", Answered("q1", "escalate"))
    assert isinstance(failed, Step)
    assert (("0", "person") in keys(step), ("0", "person") in keys(failed)) == (first, after_a_failure)


# ---------------------------------------------------------------------- questions


def test_words_are_looked_up_where_the_node_says() -> None:
    step = begin()
    assert say(step, " 话费怎么查 ") == Ask("话费怎么查", "")
    assert say(chosen(step, "ask"), "话费怎么查") == Ask("话费怎么查", "话费")


def test_an_answer_is_the_article_and_whether_it_helped() -> None:
    step = find(chosen(begin(), "ask"), Answered("q1", "answer", articles=CARDS))
    assert isinstance(step, Step)
    assert (step.node, step.text, step.question_id) == ("ask", "**标题0**\n\n正文0", "q1")
    assert [card.id for card in step.articles] == ["a0"]
    assert [(option.key, option.kind) for option in step.options] == [("1", "solved"), ("2", "unsolved")]


@pytest.mark.parametrize("said", [Chosen("solved"), "解决了", "谢谢", "1"])
def test_solved_is_told_and_the_way_on_offered(said: Said | str) -> None:
    answer = find(begin(), Answered("q1", "answer", articles=CARDS))
    assert isinstance(answer, Step)
    step = say(replace(answer, unsolved_turns=1), said)
    assert isinstance(step, Step)
    assert (step.outcome, step.unsolved_turns, step.question_id) == ("solved", 0, "")
    assert keys(step) == [("1", "home"), ("2", "end")]
    assert say(step, "没有了，谢谢") == say(step, "谢谢") == End()
    assert say(step, "还有一个问题，怎么充值") == Ask("还有一个问题，怎么充值")


@pytest.mark.parametrize("said", [Chosen("unsolved"), "没有解决", "没用", "2"])
def test_not_solved_twice_is_a_person(said: Said | str) -> None:
    answer = find(begin(), Answered("q1", "answer", articles=CARDS))
    assert isinstance(answer, Step)
    step = say(answer, said)
    assert isinstance(step, Step)
    assert (step.outcome, step.unsolved_turns, step.node) == ("unsolved", 1, "welcome")
    assert ("1", "nf-balance") in keys(step)
    second = find(step, Answered("q2", "answer", articles=CARDS))
    assert isinstance(second, Step)
    assert second.unsolved_turns == 1
    assert say(second, said) == HandOver("unsolved", outcome="unsolved")


def test_nothing_found_twice_is_a_person_with_the_question() -> None:
    step = find(begin(), Answered("q1", "escalate", articles=CARDS))
    assert isinstance(step, Step)
    assert (step.unsolved_turns, step.question_id, step.outcome) == (1, "q1", "")
    assert find(step, Answered("q2", "suggest")) == HandOver("unsolved", question_id="q2")


def test_several_are_offered_with_a_way_to_say_none() -> None:
    step = find(chosen(begin(), "ask"), Answered("q1", "suggest", articles=CARDS))
    assert isinstance(step, Step)
    assert keys(step) == [(str(i + 1), f"article:a{i}") for i in range(5)] + [("6", "none")]
    assert say(step, "标题3") == Open("a3", "q1")
    none = say(step, "都不是")
    assert isinstance(none, Step)
    assert (none.unsolved_turns, none.outcome) == (1, "unsolved")


def test_a_vague_question_is_asked_back_once() -> None:
    vague = Answered("q1", "suggest", asks_back=True, articles=CARDS[:2])
    step = find(chosen(begin(), "ask"), vague)
    assert isinstance(step, Step)
    assert (step.unsolved_turns, keys(step)) == (0, [("1", "article:a0"), ("2", "article:a1")])
    assert say(step, "套餐") == Ask("套餐", "话费")
    again = find(step, vague)
    assert isinstance(again, Step)
    assert ("3", "none") in keys(again)
    nothing = find(step, Answered("q3", "escalate", asks_back=True))
    assert isinstance(nothing, Step)
    assert nothing.unsolved_turns == 1


def test_politeness_is_no_question() -> None:
    step = begin()
    again = say(step, "你好")
    assert isinstance(again, Step)
    assert (again.node, again.unsolved_turns) == ("welcome", 0)
    thanks = say(step, "谢谢")
    assert isinstance(thanks, Step)
    assert thanks.outcome == ""
    assert say(step, "没用") == Ask("没用")


# ---------------------------------------------------------------------- articles and forms


def test_a_chosen_article_is_shown_where_he_is() -> None:
    step = opened(small_flow(), at(begin()), "zh-CN", CARDS[0])
    assert (step.node, step.question_id, step.articles) == ("welcome", "", (CARDS[0],))


def test_a_missing_article_is_not_the_customer_s_failure() -> None:
    step = opened(small_flow(), at(chosen(begin(), "ask")), "zh-CN", None, "q1")
    assert (step.node, step.unsolved_turns, step.question_id) == ("welcome", 0, "")
    assert "暂时打不开" in step.text
    assert ("1", "nf-balance") in keys(step)


def test_a_form_shows_its_fields() -> None:
    step = chosen(begin(), "apply")
    assert [(f.name, f.kind, f.is_required, f.options) for f in step.fields][:2] == [
        ("plan", "choice", True, ("轻简", "畅行")),
        ("phone", "phone", True, ()),
    ]
    assert keys(step) == [("9", "home")]
    assert say(step, "这是什么表") == Ask("这是什么表")


GOOD = {"plan": "轻简", "phone": "+86 138-0000-0101"}


def test_a_filled_form_leads_on_and_a_wrong_one_does_not() -> None:
    step = chosen(begin(), "apply")
    following = say(step, Filled(GOOD))
    assert isinstance(following, Step)
    assert (following.node, following.text) == ("welcome", "收到\n\n王敏，您好，这里是南方通信")
    assert say(step, Filled({})) == step
    assert say(begin(), Filled(GOOD)) == replace(begin(), text="王敏，您好，这里是南方通信")


def test_a_person_may_be_asked_for_inside_a_form() -> None:
    form = chosen(begin(), "apply")
    assert say(form, Filled({**GOOD, "remark": "请转人工"})) == HandOver("wish")
    assert say(form, Filled({**GOOD, "remark": "我要投诉"})) == HandOver("topic", "complaint")
    assert isinstance(say(form, Filled({**GOOD, "remark": "不用转人工"})), Step)
    # Where the form leads to a person anyway, it is the one the flow names.
    flow = compiled("small", SMALL.replace("go: thanks", "go: manager"))
    handed_over = say(form, Filled({**GOOD, "remark": "请转人工"}), flow)
    assert isinstance(handed_over, HandOver)
    assert (handed_over.cause, handed_over.wish) == ("flow", "account_manager")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"plan": "Roomy", "begins": "2026-02-28", "count": "9", "remark": "十个字以内就可以"}, None),
        ({"plan": ""}, ("plan", "required")),
        ({"plan": "家和"}, ("plan", "not_choice")),
        ({"phone": "  "}, ("phone", "required")),
        ({"phone": "abc"}, ("phone", "not_phone")),
        ({"phone": "1234"}, ("phone", "not_phone")),
        ({"phone": "1" * 16}, ("phone", "not_phone")),
        ({"phone": "1" * 26}, ("phone", "too_long")),
        ({"count": "0"}, ("count", "too_small")),
        ({"count": "9.5"}, ("count", "too_large")),
        ({"count": "１０"}, ("count", "too_large")),
        ({"count": "1e3"}, ("count", "not_number")),
        ({"begins": "2026-02-30"}, ("begins", "not_date")),
        ({"begins": "20260228"}, ("begins", "not_date")),
        ({"remark": "十个字以内就可以了吧不"}, ("remark", "too_long")),
        ({"other": "x"}, ("other", "unknown")),
    ],
)
def test_forms_are_checked_by_field(change: dict[str, str], problem: tuple[str, str] | None) -> None:
    expected = dict([problem]) if problem else {}
    assert problems_of_form(small_flow(), "apply", {**GOOD, **change}) == expected


def test_a_node_without_a_form_takes_no_fields() -> None:
    assert problems_of_form(small_flow(), "welcome", {"plan": "轻简"}) == {"plan": "unknown"}
    assert problems_of_form(small_flow(), "gone", {"plan": "轻简"}) == {"plan": "unknown"}


def test_english_is_spoken_throughout() -> None:
    flow = small_flow()
    step = greet(flow, "en", NAMES)
    assert isinstance(step, Step)
    answer = answered(flow, at(step), "en", Answered("q1", "answer", articles=CARDS))
    failed = answered(flow, at(step), "en", Answered("q1", "escalate"))
    suggested = answered(flow, at(step), "en", Answered("q1", "suggest", asks_back=True, articles=CARDS[:1]))
    solved = hear(flow, at(step), Chosen("solved"), "en", NAMES, "q1")
    for said in (failed, suggested, solved, opened(flow, at(step), "en", None)):
        assert isinstance(said, Step)
        assert said.text.isascii()
    assert isinstance(answer, Step)
    assert [option.label for option in answer.options] == ["This solved it", "Not solved"]

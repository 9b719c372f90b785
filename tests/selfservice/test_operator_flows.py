"""The flows the operator starts with: one for each tier, with the differences the requirements name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.selfservice.flows import FOLDER, TIERS, operator_flow
from wecc.selfservice.engine import (
    Ask,
    Chosen,
    End,
    Filled,
    HandOver,
    Open,
    Position,
    Said,
    Step,
    Text,
    greet,
    hear,
)
from wecc.selfservice.flow import CompiledFlow, Menu
from wecc.selfservice.parsing import read_flow, two_for_a_tier

TEXTS = {file.stem: file.read_text("utf-8") for file in FOLDER.glob("*.yaml")}


def begin(flow: CompiledFlow, locale: str = "zh-CN") -> Step:
    step = greet(flow, locale, {"name": "陈静仪", "center": "南方通信"})
    assert isinstance(step, Step)
    return step


def say(flow: CompiledFlow, step: Step, said: Said) -> Step | Ask | Open | HandOver | End:
    position = Position(step.node, step.unsolved_turns, frozenset({step.node}), step.options)
    return hear(flow, position, said, "zh-CN", {"name": "", "center": ""}, step.question_id)


def labels(step: Step) -> list[str]:
    return [option.label for option in step.options]


def test_every_tier_of_the_center_has_exactly_one() -> None:
    tiers = [row["code"] for row in tomllib.loads(Path("config/tiers.toml").read_text("utf-8"))["tier"]]
    readings = {code: read_flow(code, text, TEXTS, tiers) for code, text in TEXTS.items()}
    assert {tier: code for code, r in readings.items() for tier in r.tiers} == {tier: tier for tier in tiers}
    for reading in readings.values():
        assert reading.problems == ()
        assert two_for_a_tier(reading, {code: r.tiers for code, r in readings.items()}) == []


@pytest.mark.parametrize("code", TIERS)
def test_both_languages_greet_and_show_the_same_menu(code: str) -> None:
    flow = operator_flow(code)
    zh, en = begin(flow), begin(flow, "en")
    assert [o.id for o in zh.options] == [o.id for o in en.options]
    said = en.text.replace("陈静仪", "").replace("南方通信", "") + "".join(labels(en))
    assert re.search(r"[\u3001-\u9fff\uff00-\uffef]", said) is None
    assert "南方通信" in zh.text or "神州行" in zh.text or "出门在外" in zh.text


def test_articles_are_those_of_the_operator_s_knowledge_base() -> None:
    known = {a["id"] for a in yaml.safe_load(Path("wecc/demo/knowledge.yaml").read_text("utf-8"))["articles"]}
    used = {
        choice.article
        for code in TIERS
        for node in operator_flow(code).nodes.values()
        if isinstance(node.act, Menu)
        for choice in node.act.choices
        if choice.article
    }
    assert used
    assert used <= known


@pytest.mark.parametrize("code", ["vip", "group_key"])
def test_vip_choose_who_serves_them_and_write_to_a_person(code: str) -> None:
    """Source: 2.3-04 … 2.3-08, 2.3-13."""
    flow = operator_flow(code)
    step = begin(flow)
    manager, senior = say(flow, step, Text("1")), say(flow, step, Text("2"))
    assert isinstance(manager, HandOver)
    assert isinstance(senior, HandOver)
    assert (manager.wish, senior.wish) == ("account_manager", "senior")
    written = say(flow, step, Text("我想改一下套餐"))
    assert written == HandOver("flow")
    assert "article:nf-vip-privileges" not in labels(step)
    assert any("专属" in label for label in labels(step))
    assert flow.offers_person == "at_once"


def test_group_customers_are_marked() -> None:
    """Source: 2.3-13, 2.3-14."""
    marked = [code for code in TIERS if operator_flow(code).marks]
    assert marked == ["group_key", "group_member"]
    for code in marked:
        assert operator_flow(code).marks == ("group",)
        assert "集团业务" in labels(begin(operator_flow(code)))


def test_roaming_customers_see_what_is_urgent_first() -> None:
    """Source: 2.3-15."""
    flow = operator_flow("roaming")
    assert labels(begin(flow))[:2] == ["手机或卡丢了", "没有信号、上不了网"]
    assert isinstance(say(flow, begin(flow), Text("0")), HandOver)


def test_signed_customers_are_recommended_new_services_with_a_form() -> None:
    """Source: 2.3-17, 2.3-18."""
    flow = operator_flow("signed")
    step = begin(flow)
    assert step.text.startswith("【新】")
    offers = say(flow, step, Text("办理新业务"))
    assert isinstance(offers, Step)
    form = say(flow, offers, Text("现在办理"))
    assert isinstance(form, Step)
    ordered = say(flow, form, Filled({"plan": "畅行 99 元", "phone": "13800000505"}))
    assert isinstance(ordered, HandOver)
    assert (ordered.cause, ordered.wish) == ("flow", "")


def test_people_are_offered_by_the_tier_s_worth() -> None:
    """Source: 2.3-20 … 2.3-26."""
    offers = {code: operator_flow(code).offers_person for code in TIERS}
    assert offers == {
        "vip": "at_once",
        "group_key": "at_once",
        "roaming": "at_once",
        "group_member": "at_once",
        "signed": "at_once",
        "prepaid": "after_unsolved",
        "szx": "never",
        "other": "after_unsolved",
    }
    for code in ("prepaid", "szx", "other"):
        assert all(option.kind != "person" for option in begin(operator_flow(code)).options)


def test_prepaid_customers_are_shown_how_to_spend_less() -> None:
    """Source: 2.3-20."""
    flow = operator_flow("prepaid")
    saving = say(flow, begin(flow), Text("怎么更省钱"))
    assert isinstance(saving, Step)
    assert "19 元" in saving.text
    form = say(flow, saving, Text("帮我推荐"))
    assert isinstance(form, Step)
    message = say(flow, form, Filled({"budget": "50", "data_gb": "20", "minutes": "100"}))
    assert isinstance(message, HandOver)
    assert message.wish == "message"


def test_shenzhouxing_has_its_own_branch_and_a_way_to_another_brand() -> None:
    """Source: 2.3-22, 2.3-23."""
    flow = operator_flow("szx")
    step = begin(flow)
    assert "转“日常”" in step.text
    asked = [say(flow, step, Chosen(o.id)) for o in step.options[:5]]
    articles = [a.article for a in asked if isinstance(a, Open)]
    assert articles == [f"external:nf-{name}" for name in ("balance", "topup", "puk", "lost-sim")]
    migrate = say(flow, step, Text("转品牌享优惠"))
    assert isinstance(migrate, Step)
    form = say(flow, migrate, Chosen("migrate_form"))
    assert isinstance(form, Step)
    assert [f.name for f in form.fields] == ["plan", "phone", "reach"]
    filled = say(flow, form, Filled({"plan": "日常 59 元", "phone": "13800000707"}))
    assert isinstance(filled, HandOver)
    assert filled.wish == "message"
    # Back at the menu the promotion has been said.
    assert isinstance(home := say(flow, migrate, Chosen("home")), Step)
    assert home.node == "welcome"
    assert "限时" not in home.text


@pytest.mark.parametrize("code", TIERS)
def test_every_option_leads_somewhere(code: str) -> None:
    flow = operator_flow(code)
    for node in flow.nodes.values():
        if isinstance(node.act, Menu):
            for choice in node.act.choices:
                position = Position(node.id)
                led = hear(flow, position, Chosen(choice.id), "zh-CN", {})
                assert isinstance(led, Step | Open | HandOver | End)
                assert not isinstance(led, Step) or led.node != node.id
                assert led != HandOver("failed")

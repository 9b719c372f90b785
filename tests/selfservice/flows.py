"""Flows for tests: the operator's own, and a small one with every kind of node."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wecc.selfservice.flow import CompiledFlow
from wecc.selfservice.parsing import read_flow

FOLDER = Path("config/flows")
TIERS = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")

SMALL = """\
flow: small
name: { zh: 小, en: Small }
tiers: [szx]
start: news
offers_person: after_unsolved
marks: [group]
limits: { unsolved_turns: 2, idle_min: 15 }
topics:
  complaint: { zh: [投诉], en: [complain] }
nodes:
  news:
    say: { zh: 好消息, en: Good news }
    go: welcome
    once: true
  welcome:
    say: { zh: "{name}，您好，这里是{center}", en: "Hello {name}, this is {center}" }
    menu:
      - { label: { zh: 查余额, en: Balance }, article: nf-balance }
      - { label: { zh: 提问, en: Ask }, go: ask }
      - { label: { zh: 填表, en: Form }, go: apply }
      - { label: { zh: 经理, en: Manager }, go: manager, key: "7" }
      - { label: { zh: 结束, en: Finish }, go: bye }
  ask:
    say: { zh: 请写下问题, en: Please write your question }
    question: { category: 话费 }
  apply:
    say: { zh: 请填写, en: Please fill this in }
    form:
      fields:
        - name: plan
          label: { zh: 套餐, en: Plan }
          kind: choice
          options: [{ zh: 轻简, en: Light }, { zh: 畅行, en: Roomy }]
        - { name: phone, label: { zh: 电话, en: Phone }, kind: phone }
        - { name: count, label: { zh: 数量, en: Number }, kind: number, least: 1, most: 9, required: false }
        - { name: begins, label: { zh: 日期, en: Date }, kind: date, required: false }
        - { name: remark, label: { zh: 备注, en: Remark }, kind: text, required: false, max_chars: 10 }
      go: thanks
  thanks:
    say: { zh: 收到, en: Received }
    go: welcome
  manager:
    say: { zh: 正在联系, en: Calling }
    hand_over: { to: account_manager, note: 找经理 }
  bye:
    say: { zh: 再见, en: Goodbye }
    end: true
"""


@cache
def small_flow() -> CompiledFlow:
    return compiled("small", SMALL)


@cache
def operator_flow(code: str) -> CompiledFlow:
    """One of `config/flows`."""
    texts = {file.stem: file.read_text("utf-8") for file in FOLDER.glob("*.yaml")}
    reading = read_flow(code, texts[code], texts, TIERS)
    assert reading.flow is not None, reading.problems
    return reading.flow


def compiled(code: str, source: str) -> CompiledFlow:
    reading = read_flow(code, source, {}, TIERS)
    assert reading.flow is not None, reading.problems
    return reading.flow

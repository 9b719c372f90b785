"""Flows as text: what is wrong is told by line, and nothing that is wrong is ever played."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.selfservice.flows import SMALL, TIERS
from wecc.selfservice.flow import Menu
from wecc.selfservice.parsing import read_flow, two_for_a_tier
from wecc.selfservice.yaml_tree import MAX_DEPTH, Unreadable, read_tree

SHARED = """\
flow: shared
name: { zh: 公共, en: Shared }
topics:
  fraud: { zh: [被骗], en: [scam] }
limits: { unsolved_turns: 3 }
nodes:
  help:
    say: { zh: 帮助, en: Help }
    menu:
      - { label: { zh: 返回, en: Back }, go: home }
      - { label: { zh: 人工, en: Person }, person: true }
  welcome:
    say: { zh: 被覆盖, en: overridden }
    end: true
"""


def problems(source: str, shared: Mapping[str, str] | None = None) -> list[tuple[int, str]]:
    reading = read_flow("small", source, shared or {}, TIERS)
    assert (reading.flow is None) == any(not p.is_warning for p in reading.problems)
    return [(p.line, p.code) for p in reading.problems]


def changed(old: str, new: str, count: int = 1) -> tuple[str, int]:
    """The small flow with a change, and the line it is in."""
    assert old in SMALL
    text = SMALL.replace(old, new, count)
    return text, SMALL[: SMALL.index(old)].count("\n") + 1


def test_a_good_flow_has_no_problems() -> None:
    reading = read_flow("small", SMALL, {}, TIERS)
    assert reading.problems == ()
    assert reading.flow is not None
    assert (reading.flow.start, reading.flow.home, reading.flow.tiers) == ("news", "welcome", ("szx",))
    assert [o.node.id for o in reading.outline] == [
        "news",
        "welcome",
        "ask",
        "apply",
        "thanks",
        "manager",
        "bye",
    ]
    assert reading.outline[1].node.line == SMALL.split("\n").index("  welcome:") + 1


# Each: what is written instead of what, the code, and how many lines below.
MISTAKES = (
    ("start: news", "start: nowhere", "target.missing", 0),
    ("go: ask }", "go: nowhere }", "target.missing", 0),
    ("go: welcome\n  manager", "go: thanks\n  manager", "loop.automatic", -2),
    ("go: welcome\n    once", "go: home\n    once", "loop.automatic", -2),
    (
        "say: { zh: 请写下问题, en: Please write your question }",
        "say: { zh: 请写下问题 }",
        "words.missing",
        0,
    ),
    ("say: { zh: 请写下问题, en: Please write your question }\n", "", "key.missing", -1),
    ("zh: 请写下问题", "zh: ''", "text.empty", 0),
    ("zh: 请写下问题", "zh: '" + "长" * 2001 + "'", "text.long", 0),
    ("zh: 请写下问题", "zh: '{phone}请写'", "text.placeholder", 0),
    ("zh: 请写下问题", "zh: [请写]", "type.text", 0),
    ("name: { zh: 小, en: Small }", "name: { zh: '{name}', en: Small }", "text.placeholder", 0),
    ("tiers: [szx]", "tiers: [szx, gold]", "tier.unknown", 0),
    ("tiers: [szx]", "tiers: [szx, szx]", "tier.duplicate", 0),
    ("tiers: [szx]", "tiers: szx", "type.list", 0),
    ("tiers: [szx]\n", "", "key.missing", -2),
    ("start: news\n", "", "key.missing", -3),
    ("flow: small", "flow: large", "code.other", 0),
    ("flow: small", "flow: Small!", "name.invalid", 0),
    ("offers_person: after_unsolved", "offers_person: sometimes", "value.unknown", 0),
    ("offers_person: after_unsolved", "offer_person: at_once", "key.unknown", 0),
    ("marks: [group]\n", "marks: [group]\nmarks: [vip]\n", "key.duplicate", 1),
    ("unsolved_turns: 2", "unsolved_turns: 0", "value.range", 0),
    ("unsolved_turns: 2", "unsolved_turns: two", "type.number", 0),
    ("complaint: {", "compliment: {", "key.unknown", 0),
    ("  ask:\n", "  news:\n", "key.duplicate", 0),
    ("  ask:\n", "  home:\n", "name.reserved", 0),
    ("  ask:\n", "  Ask Me:\n", "name.invalid", 0),
    ("    question: { category: 话费 }\n", "", "node.kind", -2),
    ("    question: { category: 话费 }\n", "    question:\n    end: true\n", "node.kind", -2),
    ("    go: welcome\n    once: true", "    end: true\n    once: true", "once.where", 1),
    ("    end: true", "    end: maybe", "type.flag", 0),
    ("    end: true", "    end: false", "value.unknown", 0),
    ("to: account_manager", "to: boss", "value.unknown", 0),
    ("article: nf-balance", "article: 'nf balance'", "name.invalid", 0),
    ("article: nf-balance", "article: nf-balance, go: ask", "option.where", 0),
    (", article: nf-balance", "", "option.where", 0),
    ('key: "7"', 'key: "77"', "text.long", 0),
    ('key: "7"', 'key: "x"', "key.digit", 0),
    ('key: "7"', 'key: "0"', "key.digit", 0),
    ("go: ask }", 'go: ask, key: "7" }', "option.key_taken", 1 + 1),
    ("go: ask }", "go: ask, id: apply }", "option.duplicate", 1),
    ("go: ask }", "go: ask, id: person }", "name.reserved", 0),
    ("go: ask }", "go: ask, id: 'Ask!' }", "name.invalid", 0),
    ("kind: phone", "kind: fax", "value.unknown", 0),
    ("name: phone", "name: plan", "field.duplicate", 0),
    ("          options: [{ zh: 轻简, en: Light }, { zh: 畅行, en: Roomy }]\n", "", "key.missing", -3),
    ("kind: phone", "kind: phone, options: [{ zh: 甲, en: A }]", "field.options", 0),
    ("kind: date", "kind: date, least: 1", "field.bounds", 0),
    ("least: 1, most: 9", "least: 9, most: 1", "field.bounds", 0),
    ("required: false, max_chars: 10", "required: no, max_chars: 10", "type.flag", 0),
    ("max_chars: 10", "max_chars: 5000", "value.range", 0),
    ("      go: thanks\n", "", "key.missing", -9),
    ("nodes:\n", "uses: absent\nnodes:\n", "uses.missing", 0),
    ("nodes:\n", "uses: small\nnodes:\n", "uses.loop", 0),
)


@pytest.mark.parametrize(("old", "new", "code", "below"), MISTAKES)
def test_mistakes_are_told_by_line(old: str, new: str, code: str, below: int) -> None:
    text, line = changed(old, new)
    assert (line + below, code) in problems(text)


def test_too_many_of_anything_is_refused() -> None:
    option = "      - { label: { zh: 查余额, en: Balance }, article: nf-balance }\n"
    many = "".join(option.replace("}, article", f"}}, id: o{i}, article") for i in range(11))
    assert "list.long" in dict(map(reversed, problems(SMALL.replace(option, many))))  # type: ignore[arg-type]
    nodes = "".join(f"  n{i}: {{ end: true }}\n" for i in range(300))
    assert "list.long" in [code for _, code in problems(SMALL + nodes)]


def test_what_nobody_can_reach_or_leave_is_warned_of() -> None:
    lonely = "  lonely:\n    say: { zh: 无, en: None }\n    end: true\n"
    assert problems(SMALL + lonely) == [(SMALL.count("\n") + 1, "node.unreachable")]
    closed = SMALL.replace("go: welcome\n  manager", "go: corner\n  manager")
    closed += "  corner:\n    say: { zh: 角, en: Corner }\n"
    closed += "    menu: [{ label: { zh: 再来, en: Again }, go: corner }]\n"
    lines = SMALL.split("\n")
    ends = [lines.index("  apply:") + 1, lines.index("  thanks:") + 1, SMALL.count("\n") + 1]
    assert problems(closed) == [(line, "node.dead_end") for line in ends]


def test_a_flow_does_not_begin_with_its_end() -> None:
    assert (4, "start.ends") in problems(SMALL.replace("start: news", "start: bye"))
    reading = read_flow("small", SMALL.replace("start: news", "start: manager"), {}, TIERS)
    assert reading.flow is not None
    assert reading.flow.home == ""


# ---------------------------------------------------------------------- shared nodes


def test_shared_nodes_are_used_and_one_s_own_come_first() -> None:
    text = SMALL.replace("nodes:\n", "uses: shared\nnodes:\n").replace("go: ask }", "go: help }")
    text = text.replace("limits: { unsolved_turns: 2, idle_min: 15 }\n", "")
    reading = read_flow("small", text, {"shared": SHARED}, TIERS)
    flow = reading.flow
    assert flow is not None
    assert [(p.code, p.about) for p in reading.problems] == [("node.unreachable", "ask")]
    assert isinstance(flow.nodes["welcome"].act, Menu)
    assert (flow.nodes["help"].is_shared, flow.nodes["welcome"].is_shared) == (True, False)
    assert flow.limits.unsolved_turns == 3
    assert (flow.topics.heard("被骗了"), flow.topics.heard("投诉")) == ("fraud", "complaint")
    assert "help" not in [o.node.id for o in reading.outline]


def test_a_shared_flow_is_read_by_itself() -> None:
    reading = read_flow("shared", SHARED, {}, TIERS)
    assert (reading.is_shared, reading.flow, reading.is_usable) == (True, None, True)


@pytest.mark.parametrize(
    ("shared", "code"),
    [
        (SHARED + "  broken: { say: { zh: 一, en: a }, go: nowhere }\n", "uses.broken"),
        (SHARED.replace("end: true", "end: maybe"), "uses.broken"),
        ("nonsense: [", "uses.broken"),
        (SHARED.replace("topics:", "uses: other\ntopics:"), "uses.nested"),
        (SMALL, "uses.not_shared"),
    ],
)
def test_shared_nodes_that_cannot_be_used_are_told_where_they_are_named(shared: str, code: str) -> None:
    text = SMALL.replace("nodes:\n", "uses: shared\nnodes:\n")
    assert (SMALL[: SMALL.index("nodes:\n")].count("\n") + 1, code) in problems(text, {"shared": shared})


def test_two_flows_for_one_tier() -> None:
    reading = read_flow("small", SMALL.replace("[szx]", "[other, szx]"), {}, TIERS)
    found = two_for_a_tier(reading, {"small": ["szx"], "mine": ["vip", "szx"]})
    assert [(p.line, p.column, p.code, p.about) for p in found] == [(3, 16, "tier.taken", "szx (mine)")]


# ---------------------------------------------------------------------- the text itself


@pytest.mark.parametrize(
    ("source", "line", "column", "code"),
    [
        ("", 1, 1, "yaml.empty"),
        ("# nothing\n", 1, 1, "yaml.empty"),
        ("a: 1\nb: 'open\n", 2, 4, "yaml.quote"),
        ("a: 1\nb: @you", 2, 4, "yaml.quote"),
        ("a: 1\nb: **bold**", 2, 4, "yaml.quote"),
        ("a: 1\nb: see: here", 2, 7, "yaml.quote"),
        ("a:\n\tb: 1", 2, 1, "yaml.tab"),
        ("a:\n  b: 1\n\tc: 1", 3, 1, "yaml.tab"),
        ("a: 1\nb\nc: 1", 2, 1, "yaml.colon"),
        ("a: 1\nb：2\nc: 1", 2, 1, "yaml.colon"),
        ("a: { b: 1, c: 2\nd: 1\n", 1, 4, "yaml.bracket"),
        ("a: { b: 1，c: 2 }", 1, 12, "yaml.bracket"),
        ("a: 1\nb: [1, 2}", 2, 9, "yaml.bracket"),
        ("a:\n  b: 1\n   c: 1", 3, 5, "yaml.indent"),
        ("a:\n    b: 1\n  c: 1", 3, 3, "yaml.indent"),
        ("a:\n  - b: 1\n   - c: 1", 3, 4, "yaml.indent"),
        ("a:\n  - 1\n  -2\n", 3, 3, "yaml.colon"),
        ('a: "\\q"', 1, 5, "yaml.syntax"),
        ("a: 1\nb: \x07", 2, 4, "yaml.character"),
        ("a: 1\nb: \ud800", 2, 4, "yaml.character"),
        ("a: &x 1\nb: *x", 1, 4, "yaml.alias"),
        ("a: *x", 1, 4, "yaml.alias"),
        ("a: 1\nb: !!python/object/apply:os.system [id]", 2, 4, "yaml.tag"),
        ("a: 1\nb: !!binary aGk=", 2, 4, "yaml.tag"),
        ("? [a]\n: 1", 1, 3, "yaml.key"),
        ("a: 1\n---\nb: 2", 2, 1, "yaml.documents"),
        ("a: " + "[" * 60_000, 1, 3 + MAX_DEPTH, "yaml.depth"),
    ],
)
def test_text_that_is_no_flow_is_refused_by_line(source: str, line: int, column: int, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_tree(source)
    problem = refused.value.problem
    assert (problem.line, problem.column, problem.code) == (line, column, code)
    assert [(p.line, p.code) for p in read_flow("small", source, {}, TIERS).problems] == [(line, code)]


@pytest.mark.parametrize(
    "source", ["just text", "- a\n- b", "{}", "nodes: []", "nodes: {a: {}}", "tiers: {a: b}"]
)
def test_other_shapes_are_refused(source: str) -> None:
    assert read_flow("small", source, {}, TIERS).flow is None
    assert problems(source)


@given(st.data())
def test_a_damaged_flow_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    lines = SMALL.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        what = data.draw(st.sampled_from(["drop", "double", "swap", "cut", "write"]))
        other = data.draw(st.integers(0, len(lines) - 1))
        if what == "drop":
            lines[place] = ""
        elif what == "double":
            lines.insert(place, lines[other])
        elif what == "swap":
            lines[place], lines[other] = lines[other], lines[place]
        elif what == "cut":
            lines[place] = lines[place][: data.draw(st.integers(0, 40))]
        else:
            lines[place] += data.draw(st.text(alphabet=" :{}[],-'\"#&*!|>%@`a1空\n", max_size=12))
    source = "\n".join(lines)
    reading = read_flow("small", source, {"shared": SHARED}, TIERS)
    assert (reading.flow is None) == (not reading.is_usable or reading.is_shared)
    assert all(1 <= p.line <= source.count("\n") + 1 for p in reading.problems)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", p.code) for p in reading.problems)

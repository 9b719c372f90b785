"""From a flow's text to the flow, with every problem by line. The language is described in docs/FLOWS.md."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from wecc.selfservice import graph
from wecc.selfservice.draft import Draft, read_draft
from wecc.selfservice.flow import HOME, CompiledFlow, Finish, Limits, Node, Onward, Words
from wecc.selfservice.shapes import Shapes
from wecc.selfservice.topics import TOPICS, Topics, TopicWords
from wecc.selfservice.yaml_tree import Problem, Scalar, Tree


@dataclass(frozen=True, slots=True)
class Outlined:
    """A node for the outline."""

    node: Node
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A flow as it was read. `flow` is None while something keeps it from being used, and for a shared flow, which
    has neither tiers nor a start and is used by others."""

    code: str
    flow: CompiledFlow | None
    problems: tuple[Problem, ...]
    outline: tuple[Outlined, ...]
    title: Words
    tiers: tuple[str, ...]
    uses: str
    is_shared: bool
    tier_places: tuple[Tree, ...] = ()

    @property
    def is_usable(self) -> bool:
        return not any(not problem.is_warning for problem in self.problems)


def read_flow(code: str, source: str, shared: Mapping[str, str], tiers: Collection[str] | None) -> Reading:
    """Read a flow's text. `shared`: the texts of the center's flows it may use, by code; `tiers`: the center's,
    None to take any.

    Two flows for one tier are not seen from here: `two_for_a_tier`.
    """
    shapes = Shapes()
    draft = read_draft(shapes, source, code, tiers)
    uses = draft.uses[1] if draft.uses else ""
    base = Draft()
    if draft.uses:
        place, name = draft.uses
        if name == code:
            shapes.note(place, "uses.loop", name)
        elif name not in shared:
            shapes.note(place, "uses.missing", name)
        else:
            base = _base(shapes, place, shared[name], name, tiers)
    is_shared = draft.start is None and draft.tiers is None
    nodes = {**{n.id: replace(n, is_shared=True) for n in base.nodes.values()}, **draft.nodes}
    # Without the shared nodes nobody knows which targets are missing.
    is_whole = not draft.uses or bool(base.nodes)
    for place, target in draft.targets:
        if is_whole and target != HOME and target not in nodes:
            shapes.note(place, "target.missing", target)
    home = _home(shapes, draft, nodes)
    places = draft.node_places
    for node_id in graph.automatic_loop(nodes, home):
        shapes.note(places.get(node_id) or _place_of_use(draft), "loop.automatic", node_id)
    reachable = set(nodes)
    if not is_shared and draft.start and draft.start[1] in nodes:
        reachable = graph.reachable(nodes, draft.start[1], home)
        for node_id in draft.nodes:
            if node_id not in reachable:
                shapes.note(places[node_id], "node.unreachable", node_id, is_warning=True)
        for node_id in graph.dead_ends(nodes, home):
            if node_id in places and node_id in reachable:
                shapes.note(places[node_id], "node.dead_end", node_id, is_warning=True)
    problems = tuple(sorted(shapes.problems, key=lambda p: (p.line, p.column)))
    reading = Reading(
        code,
        None,
        problems,
        tuple(Outlined(node, node.id in reachable) for node in draft.nodes.values()),
        draft.title,
        draft.tiers or (),
        uses,
        is_shared,
        draft.tier_places,
    )
    if is_shared or not reading.is_usable or draft.start is None:
        return reading
    flow = CompiledFlow(
        code=code,
        title=draft.title,
        tiers=draft.tiers or (),
        start=draft.start[1],
        home=home,
        nodes=nodes,
        topics=_topics(base.topics, draft.topics),
        offers_person=draft.offers_person,
        free_text=draft.free_text,
        marks=draft.marks,
        limits=draft.limits or base.limits or Limits(),
    )
    return replace(reading, flow=flow)


def two_for_a_tier(reading: Reading, others: Mapping[str, Collection[str]]) -> list[Problem]:
    """`tier.taken` for each tier that one of the other flows (code → its tiers) greets already."""
    found = []
    for place, tier in zip(reading.tier_places, reading.tiers, strict=True):
        holder = next((c for c, held in others.items() if c != reading.code and tier in held), None)
        if holder is not None:
            found.append(Problem(place.line, place.column, "tier.taken", f"{tier} ({holder})"))
    return found


def _place_of_use(draft: Draft) -> Tree:
    """Where a problem of shared nodes is told: where they are used."""
    return draft.uses[0] if draft.uses else Scalar(1, 1, "", is_plain=True)


def _base(shapes: Shapes, place: Tree, source: str, name: str, tiers: Collection[str] | None) -> Draft:
    inner = Shapes()
    base = read_draft(inner, source, name, tiers)
    if base.uses:
        shapes.note(place, "uses.nested", name)
    if base.start or base.tiers is not None:
        shapes.note(place, "uses.not_shared", name)
    for _, target in base.targets:
        if target != HOME and target not in base.nodes:
            shapes.note(place, "uses.broken", f"{name}: {target}")
    for problem in inner.problems:
        if not problem.is_warning:
            shapes.note(place, "uses.broken", f"{name}:{problem.line} {problem.code}")
            break
    return base


def _home(shapes: Shapes, draft: Draft, nodes: Mapping[str, Node]) -> str:
    if draft.start is None or draft.start[1] not in nodes:
        return ""
    place, start = draft.start
    home, last = graph.first_waiting(nodes, start)
    if not home and last is not None:
        if isinstance(last.act, Finish):
            shapes.note(place, "start.ends", start)
        elif isinstance(last.act, Onward):
            shapes.note(draft.node_places.get(last.id, place), "loop.automatic", last.id)
    return home


def _topics(*drafts: Mapping[str, TopicWords]) -> Topics:
    return Topics.of({topic: [d[topic] for d in drafts if topic in d] for topic in TOPICS})

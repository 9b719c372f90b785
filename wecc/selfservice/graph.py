"""Where a flow's nodes lead: its first menu, loops that wait for nobody, what is out of reach, dead ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wecc.selfservice.flow import HOME, Finish, Leave, Menu, Node, Onward, Question


def first_waiting(nodes: Mapping[str, Node], start: str) -> tuple[str, Node | None]:
    """The first node from the start on that waits for an answer. Else an empty name and the node where the way
    ends: it hands over, finishes, or goes home while home is still looked for."""
    seen: set[str] = set()
    node = nodes.get(start)
    while node is not None and node.id not in seen:
        seen.add(node.id)
        if node.waits:
            return node.id, node
        if not isinstance(node.act, Onward) or node.act.go == HOME:
            return "", node
        node = nodes.get(node.act.go)
    return "", None


def automatic_loop(nodes: Mapping[str, Node], home: str) -> Iterator[str]:
    """One node of each cycle of nodes that go on by themselves."""
    done: set[str] = set()
    for first in nodes:
        way: list[str] = []
        node_id = first
        while node_id in nodes and node_id not in done:
            if node_id in way:
                yield node_id
                break
            way.append(node_id)
            act = nodes[node_id].act
            if not isinstance(act, Onward):
                break
            node_id = home if act.go == HOME else act.go
        done.update(way)


def reachable(nodes: Mapping[str, Node], start: str, home: str) -> set[str]:
    """Every node there is a way to."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        node = nodes.get(waiting.pop())
        if node is not None and node.id not in found:
            found.add(node.id)
            waiting += [home if target == HOME else target for target in node.targets()]
    return found


def dead_ends(nodes: Mapping[str, Node], home: str) -> list[str]:
    """Nodes from which no choice leads to a person, an answer or an end; a wish in words always does."""
    leading_out = {node.id for node in nodes.values() if _leads_out(node)}
    before = -1
    while before != len(leading_out):
        before = len(leading_out)
        for node in nodes.values():
            targets = {home if target == HOME else target for target in node.targets()}
            if targets & leading_out:
                leading_out.add(node.id)
    return [node_id for node_id in nodes if node_id not in leading_out]


def _leads_out(node: Node) -> bool:
    match node.act:
        case Leave() | Finish() | Question():
            return True
        case Menu(choices):
            return any(choice.kind != "go" for choice in choices)
        case _:
            return False

"""What answers before a person does. Conversations know only this much of it: self-service is built above them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from wecc.conversations.domain import PERSON, NotGuided, State
from wecc.kernel.ids import CenterId


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a flow begins: with a step, or by handing over at once. Both are bodies of log events."""

    flow: str
    step: dict[str, Any] | None
    handed_over: dict[str, Any] | None = None


class Guide(Protocol):
    async def greet(self, center_id: CenterId, tier: str, locale: str, name: str) -> Greeting | None:
        """How the tier's flow greets; None when it has none, and a person is asked for directly."""
        ...

    def heard(self, state: State) -> None:
        """Something was said to a guided conversation, durably: it is answered soon, in the background."""
        ...

    async def left(self, state: State) -> None:
        """The visitor ended a guided conversation himself."""
        ...

    async def identified(self, state: State) -> None:
        """A guided conversation's visitor turned out to be of another tier."""
        ...


_PERSON_LABEL = {"zh-CN": "找人工", "en": "Talk to a person"}


def chosen(step: dict[str, Any] | None, option: str, locale: str) -> dict[str, Any]:
    """The body of `chosen`, with the option's words. Raises: NotGuided when the step does not offer it."""
    node = step["node"] if step else ""
    for offered in step["options"] if step else ():
        if offered["id"] == option:
            return {"node": node, "option": option, "label": offered["label"]}
    if option != PERSON:
        raise NotGuided
    return {"node": node, "option": PERSON, "label": _PERSON_LABEL[locale]}

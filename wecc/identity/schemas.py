"""What identity says on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wecc.infra.wire import AtMs, Id, Line, Wire


class AgentRef(Wire):
    id: Id
    name: str


class TierView(Wire):
    """A customer class. `rank`: the higher, the more valued. Source: 2.2-01, 2.4.3-02."""

    code: Id
    name_zh: str
    name_en: str
    rank: int
    is_subordinate: bool
    chat_threshold_s: float
    chat_target_percent: float


class VisitorView(Wire):
    """`is_verified`: the integrator's signed token said who this is. Source: 2.2-04."""

    id: Id
    name: str
    is_verified: bool
    customer_id: str
    tier: str


class NewVisitor(Wire):
    """Ask for a visitor token; only once the visitor acts."""

    center_id: Id
    locale: Literal["zh-CN", "en"]


class VisitorToken(Wire):
    visitor: VisitorView
    token: str


class IdentifyVisitor(Wire):
    """The integrator's signed JWT (HS256): `aud` the center, `sub` the customer, `exp` ≤ 10 min, `jti`."""

    token: Annotated[str, Field(min_length=16, max_length=4096)]


class SignIn(Wire):
    """The password is never logged; over 256 characters it is refused unread."""

    center_id: Id
    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class AgentSession(Wire):
    """Who is signed in. The session itself travels in an HttpOnly cookie."""

    agent: AgentRef
    login: str
    role: Literal["agent", "supervisor", "administrator"]
    center_id: Id
    center_name_zh: str
    center_name_en: str
    expires_ms: AtMs


class ChangeAgent(Wire):
    """What an administrator may change; a change of role or disabling drops the agent's live sockets."""

    role: Literal["agent", "supervisor", "administrator"] | None = None
    is_disabled: bool | None = None
    is_unlocked: Literal[True] | None = None


class AgentView(Wire):
    agent: AgentRef
    login: str
    role: Literal["agent", "supervisor", "administrator"]
    is_disabled: bool
    is_locked: bool


class AgentList(Wire):
    agents: list[AgentView]


class CenterFace(Wire):
    """What a visitor's page may know of a center before anybody acts."""

    id: Id
    name_zh: str
    name_en: str
    greeting_zh: str
    greeting_en: str
    max_attachment_bytes: int


class Problem(Wire):
    """RFC 9457, as `application/problem+json`. `code` is stable."""

    type: str
    title: str
    status: int
    code: str
    retryable: bool
    data: dict[str, object]


class SessionEnded(Wire):
    """`cause`: `signed_out`, `disabled`, `role_changed`, `expired`, `elsewhere`."""

    cause: Line

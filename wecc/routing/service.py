"""The use cases of routing: a typed face of the Redis Function library in `lua/`.

Each call is one function of the library: atomic, idempotent, refused before anything is written. Whatever
pairs it makes possible are offered within it. An agent has at most one open offer; the next is made when that
one is accepted, declined, expired, withdrawn or abandoned.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from wecc.kernel.clock import Clock
from wecc.kernel.errors import Unavailable
from wecc.kernel.ids import AgentId, CenterId, WorkId, new_token
from wecc.routing import errors
from wecc.routing.config import (
    DEFAULT_CHANNELS,
    Channel,
    RoutingConfig,
    served_tiers,
)
from wecc.routing.domain import (
    AgentChange,
    AgentPresence,
    AgentState,
    Candidate,
    CenterChange,
    CenterView,
    Outcome,
    Reason,
    RoutingEvent,
    Snapshot,
    Swept,
    Transition,
    WorkItem,
    WorkRequest,
    WorkState,
)
from wecc.routing.estimates import (
    Place,
    Speed,
    estimate_wait,
)
from wecc.routing.library import LIBRARY, events_of, function_call, outbox

_CHUNK: Final = 500
_REBUILD_LOCK_S: Final = 10
_REBUILD_SKIP: Final = 100

T = TypeVar("T")


class Routing:
    """Work, agents and queues of all centers in one Redis.

    `clock` rules the time of every decision; without one it is the Redis server's. Every method may raise
    `NotLoaded` (rebuild the center from the database, then repeat) and `Unavailable`.
    """

    def __init__(self, redis: Redis, clock: Clock | None = None, *, deadline_s: float = 3.0) -> None:
        self._redis = redis
        self._clock = clock
        self._deadline_s = deadline_s

    # Work --------------------------------------------------------------------------------------------

    async def enqueue(self, center_id: CenterId, request: WorkRequest) -> WorkItem:
        """Queue someone who asks for a person; he is offered at once if an agent is free.

        A live item is returned as it is. Of the agents he prefers the first who is ready and steady is offered
        him alone, before his tiers' queues, for as long as that agent's `wait_s`; then he falls to the tier's
        queue, with a cause beginning `direct_`. Raises: UnknownTier, QueueFull, NobodyHere. Source: 2.4.3-04.
        """
        asked = request.model_dump(exclude_none=True, exclude={"preferred"})
        preferred = [{"agent_id": p.agent_id, "wait_ms": _ms(p.wait_s)} for p in request.preferred]
        return await self._work(center_id, "enqueue", **asked, preferred=preferred)

    async def accept(self, center_id: CenterId, work_id: WorkId, agent_id: AgentId, version: int) -> WorkItem:
        """The agent takes the offer whose token is `version`. Of two, one wins; repeating it is harmless.

        With room left he is offered the next at once. Raises: OfferGone when it ran out, was withdrawn or is
        another's; UnknownWork.
        """
        return await self._work(center_id, "accept", work_id=work_id, agent_id=agent_id, version=version)

    async def decline(
        self, center_id: CenterId, work_id: WorkId, agent_id: AgentId, version: int
    ) -> WorkItem:
        """The agent refuses the offer; the caller returns to his original place. Counts as a miss.

        Raises: OfferGone, UnknownWork.
        """
        return await self._work(center_id, "decline", work_id=work_id, agent_id=agent_id, version=version)

    async def pick(
        self,
        center_id: CenterId,
        work_id: WorkId,
        agent_id: AgentId,
        *,
        is_supervisor: bool = False,
        is_forced: bool = False,
    ) -> WorkItem:
        """Assign a waiting item by hand, past the policy. `is_supervisor`: also from tiers he does not serve.

        An offer he has open stays open. `is_forced`: to whoever is not offline, past tiers and capacity, even
        while it is offered to another. Raises: NotWaiting, NotServed, AtCapacity, AgentAway, UnknownAgent,
        UnknownWork.
        """
        flags = {"is_supervisor": is_supervisor, "is_forced": is_forced}
        return await self._work(center_id, "pick", work_id=work_id, agent_id=agent_id, **flags)

    async def expedite(self, center_id: CenterId, work_id: WorkId) -> WorkItem:
        """Move a waiting item before everybody in its queue, whatever the policy says; `since_ms` stays.

        Of several the longest wait goes first. What waited for one agent alone is now anybody's. Raises:
        NotWaiting (also while it is offered), UnknownWork.
        """
        return await self._work(center_id, "expedite", work_id=work_id)

    async def convert(self, center_id: CenterId, work_id: WorkId, channel: Channel) -> WorkItem:
        """Move a waiting item to another channel of its tier, at the place its original time gives it.

        For who rather leaves a message or is called back. An open offer is withdrawn. Raises: NotWaiting,
        UnknownTier when the tier is not served on that channel; UnknownWork.
        """
        return await self._work(center_id, "convert", work_id=work_id, channel=channel)

    async def transfer_to_agent(
        self, center_id: CenterId, work_id: WorkId, agent_id: AgentId, to_agent: AgentId
    ) -> WorkItem:
        """Pass assigned work on to a named agent who is ready, whatever tiers he serves.

        It waits for him alone for `direct_wait_s`, and is offered before his tiers' queues. Not taken, or he
        gone, it falls back to its tier's queue at the original place, with a cause beginning `direct_`.
        Raises: NotHeld, AgentAway, UnknownAgent.
        """
        return await self._work(center_id, "transfer", work_id=work_id, agent_id=agent_id, to_agent=to_agent)

    async def transfer_to_tier(
        self, center_id: CenterId, work_id: WorkId, agent_id: AgentId, to_tier: str
    ) -> WorkItem:
        """Pass assigned work on to a tier's queue, at the place its original time gives it.

        Raises: NotHeld, UnknownTier.
        """
        return await self._work(center_id, "transfer", work_id=work_id, agent_id=agent_id, to_tier=to_tier)

    async def retier(self, center_id: CenterId, work_id: WorkId, tier: str) -> WorkItem:
        """Move someone who waits to another tier's queue, at the place his original time gives him.

        For who identifies himself while waiting. An open offer stays open, with a new version. Raises:
        NotWaiting, UnknownTier, UnknownWork. Source: 2.4.3-04.
        """
        return await self._work(center_id, "retier", work_id=work_id, tier=tier)

    async def finish(self, center_id: CenterId, work_id: WorkId, agent_id: AgentId) -> WorkItem:
        """End the conversation; wrap-up begins and holds the agent's capacity. Raises: NotHeld."""
        return await self._work(center_id, "finish", work_id=work_id, agent_id=agent_id)

    async def end_wrap_up(self, center_id: CenterId, work_id: WorkId, agent_id: AgentId) -> WorkItem:
        """Close before the wrap-up time is over. Raises: NotHeld."""
        return await self._work(center_id, "end_wrap_up", work_id=work_id, agent_id=agent_id)

    async def abandon(self, center_id: CenterId, work_id: WorkId, cause: str = "visitor_left") -> WorkItem:
        """The visitor stops waiting; an agent being offered him is free at once.

        Raises: NotWaiting when an agent has him already; UnknownWork.
        """
        return await self._work(center_id, "abandon", work_id=work_id, cause=cause)

    async def overflow(self, center_id: CenterId, work_id: WorkId, cause: str) -> WorkItem:
        """The visitor stops waiting because he is served otherwise, for example leaves a message.

        Raises: NotWaiting, UnknownWork.
        """
        return await self._work(center_id, "overflow", work_id=work_id, cause=cause)

    async def close(self, center_id: CenterId, work_id: WorkId, cause: str = "closed") -> WorkItem:
        """End an item whatever its state, without wrap-up. Raises: UnknownWork."""
        return await self._work(center_id, "close", work_id=work_id, cause=cause)

    async def work(self, center_id: CenterId, work_id: WorkId) -> WorkItem:
        """The item as it stands; ended ones are known for ten minutes. Raises: UnknownWork."""
        return await self._work(center_id, "work", work_id=work_id)

    # Agents ------------------------------------------------------------------------------------------

    async def set_agent(
        self,
        center_id: CenterId,
        agent_id: AgentId,
        state: AgentState,
        *,
        reason: str | None = None,
        groups: Sequence[str] | None = None,
        levels: Mapping[str, int] | None = None,
        capacity: int | None = None,
        when_done: bool = False,
    ) -> AgentPresence:
        """Make an agent ready, paused (with a reason code) or offline; what is not given stays.

        `levels`: his skill in a group, 1 (the best) to 9. Pausing returns his offers; going offline also
        re-queues his conversations at the front, except `when_done`: then he is paused as `draining` and leaves
        by himself with the last of them. Counts as a heartbeat. Raises: UnknownGroup, UnknownAgent (first time
        without groups).
        """
        groups = list(groups) if groups is not None else None
        raw = await self._call(
            center_id,
            "set_agent",
            agent_id=agent_id,
            state=state,
            reason=reason,
            groups=groups,
            levels=levels,
            capacity=capacity,
            when_done=when_done or None,
        )
        return AgentPresence.model_validate_json(raw)

    async def heartbeat(self, center_id: CenterId, agent_ids: Sequence[AgentId]) -> tuple[AgentId, ...]:
        """These agents are alive. Returns those routing does not count as present: they must sign on again.

        Source: reliability R8: every 5 s; 15 s silent is unstable, 45 s is gone.
        """
        raw = await self._call(center_id, "heartbeat", agent_ids=list(agent_ids))
        return tuple(orjson.loads(raw).get("strangers", ()))

    async def sweep(self, center_id: CenterId) -> Swept:
        """Do what time has made due: offers, wrap-ups, silent agents, pairs left over. Call it every second.

        One call is bounded; repeat it while `has_more`.
        """
        return Swept.model_validate_json(await self._call(center_id, "sweep"))

    async def replay(self, center_id: CenterId, reason: Reason) -> Candidate:
        """Take a stored decision again, by the policy's own code and without any effect: whom it chooses.

        What no policy decided (a direct offer, a pick, an expedited item) had one candidate.
        """
        if reason.decided_by is None:
            return reason.candidates[0]
        raw = await self._call(
            center_id,
            "replay",
            policy=reason.decided_by,
            favours_high_when_met=reason.favours_high_target_when_met,
            favours_high_when_missed=reason.favours_high_target_when_missed,
            is_late_turn=reason.policy.endswith("_late"),
            candidates=[candidate.model_dump() for candidate in reason.candidates],
        )
        index: int = orjson.loads(raw)["index"]
        return reason.candidates[index - 1]

    # Views -------------------------------------------------------------------------------------------

    async def view(self, center_id: CenterId) -> CenterView:
        """Queues with rates and targets, agents with state and load. Source: 2.4.3-03."""
        return CenterView.model_validate_json(await self._call(center_id, "view"))

    async def places(self, center_id: CenterId, work_ids: Sequence[WorkId]) -> dict[WorkId, Place]:
        """Position and estimated wait of many items at once; unknown ones are left out.

        Who waits for one named agent alone has a position and no estimate.
        """
        reply = orjson.loads(await self._call(center_id, "places", work_ids=list(work_ids)))
        speeds = {queue: Speed.model_validate(speed) for queue, speed in reply.get("speeds", {}).items()}
        places = {}
        for row in reply.get("places", ()):
            position, wait, slots = row.get("position"), None, 0
            if position and "queue" in row:
                wait, slots = estimate_wait(position, speeds[row["queue"]]), speeds[row["queue"]].slots
            low_s, high_s = wait or (None, None)
            places[WorkId(row["work_id"])] = Place(
                work_id=row["work_id"],
                state=WorkState(row["state"]),
                position=position,
                wait_low_s=low_s,
                wait_high_s=high_s,
                slots=slots,
            )
        return places

    async def follow(
        self, center_id: CenterId, after_id: str, *, block_ms: int = 1000, limit: int = 500
    ) -> list[RoutingEvent]:
        """The outbox entries after `after_id` ("0" from the oldest kept); `block_ms` 0 does not wait for one.

        At least once, in order: the follower stores the last `entry_id` with what it did, and skips item
        versions it has. `block_ms` must stay below the client's socket timeout.
        """
        name = outbox(center_id)
        try:
            async with asyncio.timeout(block_ms / 1000 + self._deadline_s):
                reply: Any = await self._redis.xread({name: after_id}, count=limit, block=block_ms or None)
        except (TimeoutError, RedisError) as e:
            raise Unavailable from e
        if not reply:
            return []
        # RESP3 clients are handed a dict, with one more list around the entries.
        entries = next(iter(reply.values()))[0] if isinstance(reply, dict) else reply[0][1]
        return [
            _event(_text(entry_id), kind, data)
            for entry_id, fields in entries
            for kind, data in events_of(fields)
        ]

    async def redis_run(self) -> str:
        """Identity of the Redis process; another one after a restart or a fail-over."""
        try:
            async with asyncio.timeout(self._deadline_s):
                info = await self._redis.info("server")
        except (TimeoutError, RedisError) as e:
            raise Unavailable from e
        return str(info["run_id"])

    # Configuration and rebuild -----------------------------------------------------------------------

    async def configure(self, center_id: CenterId, config: RoutingConfig) -> None:
        """Replace the configuration under load; agents serve their groups' new tiers at once.

        Raises: TierInUse when a removed tier still has live work.
        """
        wire = _wire(config)
        await self._call(center_id, "configure", version=_version(wire), config=wire)

    async def rebuild(
        self,
        center_id: CenterId,
        config: RoutingConfig,
        works: Iterable[WorkItem],
        agents: Iterable[AgentPresence],
        outcomes: Iterable[Outcome] = (),
        *,
        force: bool = False,
    ) -> bool:
        """`rebuild_from` rows one has already."""
        snapshot = Snapshot(tuple(works), tuple(agents), tuple(outcomes))

        async def read() -> Snapshot:
            return snapshot

        return await self.rebuild_from(center_id, config, read, force=force)

    async def rebuild_from(
        self,
        center_id: CenterId,
        config: RoutingConfig,
        read: Callable[[], Awaitable[Snapshot]],
        *,
        force: bool = False,
    ) -> bool:
        """Replace all routing state of a center by the database's, in the same order; then pair.

        `read` is called once nothing can change any more: until the rebuild is done all else raises NotLoaded.
        False, without reading, when the center is loaded, by another process for example; `force` replaces it
        nevertheless.

        Assigned and wrapping-up work stays with its agent and keeps its version. Queued and offered work is
        queued at its original place, its version moved ahead of any token the database never saw; formerly
        offered work is announced as a transition.

        Raises: Rebuilding when another process is at it; UnknownTier when work names a tier `config` lacks.
        Source: reliability R7.
        """
        wire = _wire(config)
        lock = {"token": new_token(), "version": _version(wire), "lock_ms": _REBUILD_LOCK_S * 1000}
        begun = orjson.loads(await self._call(center_id, "rebuild_begin", config=wire, force=force, **lock))
        if not begun["begun"]:
            return False
        snapshot = await read()
        live = [work for work in snapshot.works if not work.state.is_end]
        known = {(tier.code, channel) for tier in config.tiers for channel in tier.targets}
        for work in live:
            if (work.tier, work.channel) not in known:
                raise errors.UnknownTier(tier=work.tier)
        for part, rows in (("agents", snapshot.agents), ("works", live), ("outcomes", snapshot.outcomes)):
            for chunk in _chunks(rows):
                dumped = [_dumped(row) for row in chunk]
                await self._call(center_id, "rebuild_add", **{part: dumped}, **lock)
        await self._call(center_id, "rebuild_end", **lock)
        return True

    # The library -------------------------------------------------------------------------------------

    async def _work(self, center_id: CenterId, function: str, **args: object) -> WorkItem:
        return WorkItem.model_validate_json(await self._call(center_id, function, **args))

    async def _call(self, center_id: CenterId, function: str, **args: object) -> bytes | str:
        now_ms = self._clock.now_ms() if self._clock else None
        call = function_call(center_id, function, now_ms, **args)
        reply: bytes | str
        try:
            async with asyncio.timeout(self._deadline_s):
                try:
                    reply = await self._redis.fcall(*call)
                except ResponseError as e:
                    if "Function not found" not in str(e):
                        raise
                    await self._redis.function_load(LIBRARY, replace=True)
                    reply = await self._redis.fcall(*call)
                return reply
        except ResponseError as e:
            code, _, about = str(e).partition(" ")
            if code not in errors.REFUSALS:
                raise
            # The server appends where in the script it happened; what it is about never holds a blank.
            raise errors.REFUSALS[code].about(about.partition(" ")[0]) from e
        except (TimeoutError, RedisError) as e:
            raise Unavailable from e


def _dumped(row: BaseModel) -> dict[str, object]:
    """A row for the library, which keeps reasons as the JSON they are."""
    dumped = row.model_dump(exclude_none=True)
    if isinstance(row, WorkItem) and row.reason:
        dumped["reason"] = row.reason.model_dump_json()
    return dumped


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    chunk: list[T] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _wire(config: RoutingConfig) -> dict[str, object]:
    """The configuration as the library reads it: times in ms, queues by name, groups as lists of queues."""
    queues = {
        f"{channel}:{tier.code}": {
            "tier": tier.code,
            "channel": channel,
            "rank": tier.rank,
            "target": target.target_pct,
            "threshold_ms": _ms(target.threshold_s),
            "buckets": target.window_min * 2,
            "abandons": target.abandons,
            "short_abandon_ms": _ms(target.short_abandon_s),
            "is_subordinate": tier.is_subordinate,
            **({} if tier.max_waiting is None else {"max_waiting": tier.max_waiting}),
            **({} if tier.max_share_pct is None else {"max_share": tier.max_share_pct / 100}),
        }
        for tier in config.tiers
        for channel, target in tier.targets.items()
    }
    return {
        "policy": config.policy,
        "favours_high_when_met": config.favours_high_target_when_met,
        "favours_high_when_missed": config.favours_high_target_when_missed,
        "late_turn": config.late_turn,
        "offer_ms": _ms(config.offer_timeout_s),
        "misses": config.max_misses,
        "wrap_up_ms": _ms(config.wrap_up_s),
        "unstable_ms": _ms(config.unstable_after_s),
        "gone_ms": _ms(config.gone_after_s),
        "bar_ms": _ms(config.barred_s),
        "direct_ms": _ms(config.direct_wait_s),
        "handling_ms": _ms(config.handling_s),
        "rebuild_skip": _REBUILD_SKIP,
        "agent_choice": config.agent_choice,
        "channels": {
            channel.value: config.channels.get(channel, rule).model_dump()
            for channel, rule in DEFAULT_CHANNELS.items()
        },
        "queues": queues,
        "groups": {
            group: [
                {"queue": name, "after_ms": _ms(terms.after_s), "longer_than": terms.longer_than}
                for terms in served
                for name, queue in queues.items()
                if queue["tier"] == terms.tier
            ]
            for group, served in served_tiers(config.groups).items()
        },
    }


def _version(wire: dict[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _event(entry_id: str, kind: str, data: dict[str, Any]) -> RoutingEvent:
    if kind == "work":
        return Transition(entry_id=entry_id, work=WorkItem.model_validate(data))
    if kind == "agent":
        return AgentChange(entry_id=entry_id, agent=AgentPresence.model_validate(data))
    return CenterChange(entry_id=entry_id, **data)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value

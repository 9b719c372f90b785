"""The `wecc kb search` command: asks the running search process, or opens the index itself where none runs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from functools import partial

import orjson

from wecc.infra import db
from wecc.kernel.clock import SystemClock
from wecc.kernel.errors import Unavailable, WeccError
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import KnowledgeBase
from wecc.knowledge.readers import PUBLIC
from wecc.knowledge.search_process.client import FindAsked, Found, SearchClient, socket_file
from wecc.knowledge.shelf import Shelf, Shelves
from wecc.settings import Settings

_PATIENCE_S = 30.0


def add_parser(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `search` to `wecc kb`."""
    asking = acts.add_parser("search", help="what everybody finds for a question")
    asking.add_argument("text", help="the question, in anybody's words")
    asking.add_argument("--center", help="short name; may be left out where there is only one")
    asking.add_argument("--limit", type=int, default=10, help="how many (default: 10)")
    asking.add_argument("--json", action="store_true", help="for programs: ranked ids and the decision")
    asking.set_defaults(run=_search, process="kb search")


def _search(arguments: argparse.Namespace, settings: Settings) -> None:
    try:
        found, shelf = asyncio.run(_find(arguments, settings))
    except (WeccError, OSError) as error:
        print(f"wecc kb search: {error}", file=sys.stderr)
        sys.exit(2)
    results = [
        {
            "id": shown.article_id,
            "external_id": shown.external_id,
            "title": shown.title,
            "score": round(hit.score, 4),
            "confidence": round(hit.confidence, 4),
        }
        for hit in found.hits
        if (shown := shelf.find(PUBLIC, hit.article_id)) is not None
    ]
    if arguments.json:
        ids = [result["external_id"] or result["id"] for result in results]
        answer = {"ids": ids, "results": results, "decision": found.decision, "confidence": found.confidence}
        print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
        return
    for result in results:
        print(f"{result['score']:8.3f}  {result['external_id'] or result['id']}  {result['title']}")
    print(f"{found.decision}, confidence {found.confidence:.2f}, {found.total:,} in all")


async def _find(arguments: argparse.Namespace, settings: Settings) -> tuple[Found, Shelf]:
    await db.connect(settings.data)
    client = SearchClient(socket_file(settings.data))
    try:
        center_id = await _center(arguments.center)
        shelf = await Shelves().open(center_id)
        base = await KnowledgeBase.get(center_id=center_id)
        asked = FindAsked(
            center_id=center_id,
            text=arguments.text,
            targets=sorted(shelf.targets_for(PUBLIC)),
            keys=sorted(PUBLIC),
            limit=max(1, arguments.limit),
            answer_at=base.answer_at,
            suggest_at=base.suggest_at,
        )
        return await _answer(client, settings, asked), shelf
    finally:
        await client.close()
        await db.close()


async def _answer(client: SearchClient, settings: Settings, asked: FindAsked) -> Found:
    """From the running process, as soon as it has opened the index; by ourselves when there is none."""
    from wecc.knowledge.search_process.indexes import Indexes  # noqa: PLC0415  it loads the engine
    from wecc.knowledge.search_process.server import found  # noqa: PLC0415

    clock = SystemClock()
    until_s = clock.monotonic_s() + _PATIENCE_S
    while True:
        try:
            return await client.find(asked)
        except Unavailable:
            try:
                indexes = Indexes(settings.knowledge, clock)
                async with indexes.opened(CenterId(asked.center_id)) as holding:
                    return await indexes.ask(holding, _PATIENCE_S, partial(found, asked))
            except Unavailable:
                if clock.monotonic_s() > until_s:
                    raise


async def _center(name: str | None) -> CenterId:
    """Raises: WeccError with a sentence."""
    ids = [
        str(i) for i in await KnowledgeBase.all().order_by("center_id").values_list("center_id", flat=True)
    ]
    chosen = name or (ids[0] if len(ids) == 1 else None)
    if chosen not in ids:
        raise WeccError(f"--center has to be one of: {', '.join(ids) or 'none yet'}")
    return CenterId(chosen)

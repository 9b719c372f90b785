"""Measuring the search: see `wecc bench search`."""

from __future__ import annotations

import http.client
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import orjson

from wecc.bench.kb_floor import Search, fts5_floor, whoosh_floor
from wecc.bench.kb_set import ACCESS, Question, load_set, multiplied
from wecc.bench.search import Measured, Quality, Result, Times
from wecc.kernel.clock import SystemClock
from wecc.knowledge.search import ANSWER_AT, SUGGEST_AT, Document, Engine, Kind, Vocabulary, decide

_CLOCK = SystemClock()
_LIMIT = 10
_WARM = 20
_HTTP_DEADLINE_S = 30.0
_FLOORS: dict[Kind, Callable[[Path, Sequence[Document]], Search]] = {
    "whoosh": whoosh_floor,
    "fts5": fts5_floor,
}

Item = TypeVar("Item")
Ask = Callable[[str], tuple[list[str], str]]
"""Ids found, best first, and the decision; "" where none is made."""


async def measure(folder: Path, articles: int, url: str) -> Result:
    """One engine after the other.

    Raises: RuntimeError when the set cannot be read, or the center does not answer.
    """
    documents, questions = load_set(folder)
    if url:
        return Result(ANSWER_AT, [_center(url, questions)])
    if articles:
        more = multiplied(documents, articles)
        return Result(ANSWER_AT, [_engine("fts5", encoder, more, questions) for encoder in (False, True)])
    result = Result(ANSWER_AT)
    for kind, floor in _FLOORS.items():
        result.measured.append(_floor(kind, floor, documents, questions))
        result.measured.extend(_engine(kind, encoder, documents, questions) for encoder in (False, True))
    return result


def _engine(
    kind: Kind, with_encoder: bool, documents: Sequence[Document], questions: Sequence[Question]
) -> Measured:
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:

        def opened() -> tuple[Engine, float]:
            began_s = _CLOCK.monotonic_s()
            engine = Engine.open(Path(name), kind, documents, 1, Vocabulary(), with_encoder=with_encoder)
            return engine, _CLOCK.monotonic_s() - began_s

        engine, build_s = opened()
        engine.close()
        (Path(name) / "manifest.json").unlink()
        engine, rebuild_s = opened()
        engine.close()
        engine, reopen_s = opened()

        def ask(text: str) -> tuple[list[str], str]:
            found = engine.search(text, ACCESS, _LIMIT)
            return [hit.article_id for hit in found.hits], decide(found, ANSWER_AT, SUGGEST_AT)

        quality, search = _asked(ask, questions)
        typed = [question.text[:length] for question in questions for length in (1, 2, 4)]
        complete = _timed(lambda text: engine.complete(text, ACCESS), typed)
        publish = _timed(lambda document: engine.apply([document], [], 2), documents[:50])
        engine.close()
    return Measured(
        name=f"{kind} {'with' if with_encoder and engine.has_encoder else 'without'} encoder",
        articles=len(documents),
        quality=quality,
        search=search,
        build_s=build_s,
        rebuild_s=rebuild_s,
        reopen_s=reopen_s,
        publish=publish,
        complete=complete,
        peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _floor(
    kind: Kind,
    floor: Callable[[Path, Sequence[Document]], Search],
    documents: Sequence[Document],
    questions: Sequence[Question],
) -> Measured:
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        began_s = _CLOCK.monotonic_s()
        search = floor(Path(name), documents)
        build_s = _CLOCK.monotonic_s() - began_s
        quality, times = _asked(lambda text: (search(text, _LIMIT), ""), questions)
    return Measured(f"{kind} alone", len(documents), quality, times, build_s)


def _center(url: str, questions: Sequence[Question]) -> Measured:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_HTTP_DEADLINE_S)

    def ask(text: str) -> tuple[list[str], str]:
        try:
            connection.request("GET", f"/api/v1/kb/search?{urlencode({'q': text, 'limit': _LIMIT})}")
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise RuntimeError(f"{url} does not answer: {error}") from error
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{url} answers {response.status}: {body[:200]!r}")
        found = orjson.loads(body)
        return [item["external_id"] or item["id"] for item in found["results"]], found["decision"]

    quality, times = _asked(ask, questions)
    connection.close()
    return Measured(url, 0, quality, times)


def _asked(ask: Ask, questions: Sequence[Question]) -> tuple[Quality, Times]:
    for question in questions[:_WARM]:
        ask(question.text)
    answers: list[tuple[list[str], str]] = []
    times = _timed(lambda question: answers.append(ask(question.text)), questions)
    return _quality(questions, answers), times


def _quality(questions: Sequence[Question], answers: Sequence[tuple[list[str], str]]) -> Quality:
    ranks: dict[str, list[int]] = {}
    answered = right = wrongly = 0
    for question, (ids, decision) in zip(questions, answers, strict=True):
        rank = next((place for place, found in enumerate(ids, 1) if found in question.relevant), 0)
        if question.relevant:
            ranks.setdefault(question.task, []).append(rank)
        if decision == "answer":
            answered += 1
            right += rank == 1
            wrongly += not question.relevant
    unanswerable = sum(not question.relevant for question in questions)
    first_of = {task: statistics.fmean(rank == 1 for rank in of_it) for task, of_it in ranks.items()}
    return Quality(
        recall_at_1=statistics.fmean(first_of.values()),
        recall_at_5=statistics.fmean(
            statistics.fmean(0 < rank <= 5 for rank in of_it) for of_it in ranks.values()
        ),
        mrr_at_10=statistics.fmean(
            statistics.fmean(1 / rank if rank else 0.0 for rank in of_it) for of_it in ranks.values()
        ),
        recall_at_1_of=first_of,
        answered=answered / len(questions),
        right_of_answered=right / max(1, answered),
        unanswerable_answered=wrongly / max(1, unanswerable),
    )


def _timed(do: Callable[[Item], object], items: Sequence[Item]) -> Times:
    waits_ms = []
    cpu_began_s = time.process_time()
    for item in items:
        began_s = _CLOCK.monotonic_s()
        do(item)
        waits_ms.append((_CLOCK.monotonic_s() - began_s) * 1000)
    cpu_ms = (time.process_time() - cpu_began_s) * 1000 / len(items)
    percentiles = statistics.quantiles(waits_ms, n=100)
    return Times(percentiles[49], percentiles[94], cpu_ms)

"""The search measured over a small set of our own, and over a center that answers."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from tests.bench.test_measurements import bench
from tests.knowledge.search.texts import ARTICLES
from wecc.bench.kb_set import load_set, multiplied

pytestmark = pytest.mark.live

_QUERIES = {
    "忘记宽带密码": ["broadband-password"],
    "怎么取消国际漫游": ["roaming-off"],
    "携号转网": ["port"],
    "红烧肉的做法": [],
}


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    articles = [
        {
            "id": article.article_id,
            "category": article.category_ids,
            "title": article.title,
            "answer": article.body,
            "alt": article.alternatives,
            "lang": "zh",
        }
        for article in ARTICLES
    ]
    queries = [
        {"qid": f"q{number}", "task": "tel" if relevant else "ood", "query": query, "relevant": relevant}
        for number, (query, relevant) in enumerate(_QUERIES.items())
    ]
    for name, rows in (("corpus", articles), ("queries", queries)):
        (tmp_path / f"{name}.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return tmp_path


class _AlwaysPort(http.server.BaseHTTPRequestHandler):
    """A center that knows one article and is sure of it when asked about it."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        is_sure = parse_qs(asked.query)["q"] == ["携号转网"]
        body = orjson.dumps(
            {
                "results": [{"id": "01", "external_id": "port"}] if asked.path == "/api/v1/kb/search" else [],
                "decision": "answer" if is_sure else "escalate",
            }
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        pass


@pytest.fixture
def center_url() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _AlwaysPort) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_both_indexes_and_their_floors_are_measured(labelled: Path) -> None:
    figures = bench("search", "--set", str(labelled))
    measured = figures["measured"]
    assert isinstance(measured, list)
    assert [one["name"] for one in measured if "alone" in one["name"]] == ["whoosh alone", "fts5 alone"]
    assert len(measured) == 6
    for one in measured:
        assert one["quality"]["recall_at_1"] == 1
        assert one["quality"]["unanswerable_answered"] == 0
        assert one["search"]["p95_ms"] > 0


def test_a_center_is_judged_by_what_it_answers(labelled: Path, center_url: str) -> None:
    figures = bench("search", "--set", str(labelled), "--url", center_url)
    measured = figures["measured"]
    assert isinstance(measured, list)
    quality = measured[0]["quality"]
    assert quality["recall_at_1"] == pytest.approx(1 / 3)
    assert quality["answered"] == 1 / 4
    assert quality["right_of_answered"] == 1


def test_a_set_is_multiplied_with_new_articles(labelled: Path) -> None:
    documents, _ = load_set(labelled)
    more = multiplied(documents, 100)
    assert len({document.key for document in more}) == 100
    assert more[: len(documents)] == documents

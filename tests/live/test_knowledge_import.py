"""`wecc kb import` beside running servers. Source: 3.2.2-04."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import orjson
import pytest

from tests.deployment import ROOT, Deployment
from tests.live.people import People
from wecc.kernel.ids import new_id

pytestmark = pytest.mark.usefixtures("quiet_log")


async def take_in(deployment: Deployment, file: Path, *options: str) -> tuple[int, str]:
    """The exit code and all that was said. Other tests set up further centers."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wecc", "kb", "import", str(file), "--center", "gd", *options),
        cwd=ROOT,
        env=deployment.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def written(file: Path, *articles: object) -> Path:
    lines = [a if isinstance(a, bytes) else orjson.dumps(a) for a in articles]
    file.write_bytes(b"\n".join(lines) + b"\n\n")
    return file


def article(external_id: str, title: str = "怎样取消彩铃", **fields: object) -> dict[str, object]:
    return {
        "id": external_id,
        "category": ["增值业务", "彩铃"],
        "title": f"{title} {external_id}",
        "answer": "发送 QXCL 到 10086。",
        "lang": "zh",
        "votes": 7,
        **fields,
    }


async def test_what_it_publishes_is_found_when_it_ends_and_nobody_waits_for_it(
    deployment: Deployment, people: People, tmp_path: Path
) -> None:
    """Source: reliability R1: the conversation of others goes on meanwhile."""
    name = new_id()[-8:]
    many = [article(f"{name}-{n}") for n in range(120)]
    file = written(tmp_path / "base.jsonl", *many)
    async with people.bystanders():
        code, said = await take_in(deployment, file, "--publish", "--keep-samples")
    assert (code, said) == (0, "added 120, changed 0, unchanged 0, in conflict 0, refused 0\n")
    visitor = await people.visitor()
    query = {"q": f"怎样取消彩铃 {name}-77", "center": "gd"}
    found = await visitor.request("GET", "/api/v1/kb/search", params=query)
    assert found["results"][0]["external_id"] == f"{name}-77"
    code, said = await take_in(deployment, file, "--publish")
    assert (code, said) == (0, "added 0, changed 0, unchanged 120, in conflict 0, refused 0\n")


async def test_bad_lines_are_told_and_the_others_taken_in(
    deployment: Deployment, people: People, tmp_path: Path
) -> None:
    name = new_id()[-8:]
    bad = (
        b"{",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        orjson.dumps({"id": "x"}),
        orjson.dumps(article("长", title="长" * 300)),
    )
    file = written(tmp_path / "base.jsonl", article(name), *bad, article(f"{name}-2"))
    code, said = await take_in(deployment, file, "--trial")
    assert (code, said.splitlines()[0]) == (
        1,
        "Would be: added 2, changed 0, unchanged 0, in conflict 0, refused 6",
    )
    code, said = await take_in(deployment, file, "--reviewer", "1002")
    summary, *told = said.splitlines()
    assert (code, summary) == (1, "added 2, changed 0, unchanged 0, in conflict 0, refused 6")
    assert [line.split()[-1] if "JSON" not in line else "JSON" for line in told[:4]] == ["JSON"] * 4
    assert [f"line {number}:" in line for number, line in enumerate(told, start=2)] == [True] * 6
    reviewer = await people.agent("1002")
    query = {"scope": "to_review", "q": name}
    waiting = await reviewer.request("GET", "/api/v1/kb/desk/articles", params=query)
    assert waiting["total"] == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--center", "nowhere"], "--center has to be one of: gd"),
        (["--reviewer", "nobody"], "there is no agent nobody"),
        (["--reviewer", "1001"], "Somebody asked here may not review."),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    deployment: Deployment, tmp_path: Path, options: list[str], sentence: str
) -> None:
    code, said = await take_in(deployment, written(tmp_path / "base.jsonl", article("x")), *options)
    assert code == 2
    assert said.startswith(f"wecc kb import: {sentence}")
    assert said.count("\n") == 1


async def test_a_missing_file_is_one_sentence(deployment: Deployment, tmp_path: Path) -> None:
    code, said = await take_in(deployment, tmp_path / "nothing.jsonl")
    assert code == 2
    assert "No such file" in said
    assert said.count("\n") == 1

"""Golden payloads: what is on the wire today. A face in the field depends on each of them.

A changed payload is a decision: mend the golden file by hand, and mind the clients that are one version behind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wecc import contract
from wecc.conversations.domain import Kind
from wecc.infra.protocol import NOTICES, REQUESTS
from wecc.infra.wire import Wire

GOLDEN = Path(__file__).parent / "golden"

contract.documents()  # declares everything


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name.replace(':', '.')}.json").read_text(encoding="utf-8"))


def fits(schema: type[Wire], payload: Any) -> None:
    """The payload is exactly what the schema reads and writes, field for field."""
    assert json.loads(schema.model_validate_json(json.dumps(payload)).model_dump_json()) == payload


def test_every_declared_name_has_a_golden_file_and_no_other() -> None:
    names = {name.replace(":", ".") for name in [*REQUESTS, *NOTICES]}
    assert {file.stem for file in GOLDEN.glob("*.json")} == names


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_request(name: str) -> None:
    payload = golden(name)
    fits(REQUESTS[name].takes, payload["request"])
    fits(REQUESTS[name].answers, payload["answer"])


@pytest.mark.parametrize("name", sorted(NOTICES))
def test_notice(name: str) -> None:
    for payload in golden(name)["notices"]:
        fits(NOTICES[name].carries, payload)


def test_every_kind_of_event_is_golden() -> None:
    notices = golden("conversation:event_appended")["notices"]
    assert {n["event"]["kind"] for n in notices} == {kind.value for kind in Kind}


def test_generated_files_are_up_to_date() -> None:
    for path, text in contract.documents().items():
        assert path.read_text(encoding="utf-8") == text, f"run `make protocol`: {path}"

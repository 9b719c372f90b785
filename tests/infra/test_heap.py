"""Connections are out of the collector's sight while they live, and their cycles do not stay for ever."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from wecc.infra.heap import _CLOSED, _OPENED, Heap


class Connection:
    def __init__(self) -> None:
        self.itself = self  # a cycle: only a collection frees it


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def opened(heap: Heap, count: int) -> None:
    for _ in range(count):
        heap.note_opened()


def test_after_enough_connections_the_heap_is_out_of_sight() -> None:
    heap = Heap()
    before = gc.get_freeze_count()
    opened(heap, _OPENED - 1)
    heap.settle()
    assert gc.get_freeze_count() == before
    opened(heap, 1)
    heap.settle()
    assert gc.get_freeze_count() > before + 1000


def test_what_closed_connections_left_is_found_after_many() -> None:
    heap = Heap()
    connection = Connection()
    left = weakref.ref(connection)
    opened(heap, _OPENED)
    heap.settle()
    del connection
    gc.collect()
    assert left() is not None, "out of sight"
    for _ in range(_CLOSED):
        heap.note_closed()
    heap.settle()
    assert left() is None
    heap.settle()
    assert gc.get_freeze_count() > 0

"""The rules of an article's life and of the tree, without I/O. Source: 3.2.2-09, 3.2.2-13, 3.2.2-14."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from wecc.knowledge.domain import (
    CategoryCycle,
    NoCommonTarget,
    Step,
    Word,
    WrongStage,
    after,
    common_targets,
    judged,
    moved_path,
    passed_review,
    path_below,
    placed_at,
    shown_stage,
)
from wecc.knowledge.schemas.desk import Stage

TARGETS = frozenset({"a", "b", "c"})
REVIEWERS = ("r1", "r2", "r3")


def word(reviewer: str, verdict: str = "approve", targets: Iterable[str] = "a") -> Word:
    return Word(reviewer, verdict, frozenset(targets))


def test_everybody_asked_must_approve() -> None:
    assert judged([word("r1"), word("r2", "")]) == "in_review"
    assert judged([word("r1"), word("r2", "changes"), word("r3", "")]) == "changes_asked"
    assert judged([word("r1", targets="ab"), word("r2", targets="bc")]) == "approved"


def test_it_goes_where_all_let_it() -> None:
    assert common_targets([word("r1", targets="ab"), word("r2", targets="bc")]) == frozenset("b")
    assert common_targets([]) is None
    with pytest.raises(NoCommonTarget) as nowhere:
        judged([word("r1", targets="a"), word("r2", targets="c")])
    assert nowhere.value.data == {"targets": {"r1": ["a"], "r2": ["c"]}}


@pytest.mark.parametrize("stage", ["draft", "in_review", "changes_asked", "archived"])
def test_nothing_is_published_that_was_not_approved(stage: Stage) -> None:
    assert not passed_review(stage)
    with pytest.raises(WrongStage):
        after(Step.PUBLISH, stage)


@pytest.mark.parametrize("stage", ["published", "suspended", "withdrawn", "superseded"])
def test_every_step_of_publishing_can_be_taken_back(stage: Stage) -> None:
    assert after(Step.PUBLISH, stage) == "published"


def test_the_stage_follows_from_what_targets_are_to_hold() -> None:
    assert shown_stage(1, [(1, "withdrawn"), (1, "scheduled")]) == "published"
    assert shown_stage(1, [(1, "withdrawn"), (1, "suspended")]) == "suspended"
    assert shown_stage(1, [(1, "withdrawn"), (2, "live")]) == "withdrawn"
    assert shown_stage(1, [(2, "live"), (2, "live")]) == "superseded"


@dataclass
class Version:
    stage: Stage = "draft"
    words: dict[str, Word] = field(default_factory=dict)
    was_approved: bool = False


class Life(RuleBasedStateMachine):
    """An article under everything people do to it, in any order: what readers see was let there by everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.versions = [Version()]
        self.placed: dict[str, tuple[int, str]] = {}
        """What each target is to hold: a version's place in the list, and its state."""

    @property
    def newest(self) -> Version:
        return self.versions[-1]

    def restage(self) -> None:
        for number, version in enumerate(self.versions):
            if version.stage in ("published", "suspended", "withdrawn", "superseded"):
                version.stage = shown_stage(number, self.placed.values())

    def try_step(self, step: Step, version: Version) -> bool:
        try:
            version.stage = after(step, version.stage)
        except WrongStage:
            return False
        return True

    @rule()
    def save(self) -> None:
        if self.newest.stage == "in_review":
            self.try_step(Step.TAKE_BACK, self.newest)
        self.versions.append(Version())

    @rule(reviewers=st.sets(st.sampled_from(REVIEWERS), min_size=1))
    def ask(self, reviewers: set[str]) -> None:
        if self.try_step(Step.ASK_REVIEW, self.newest):
            self.newest.words = {r: Word(r) for r in reviewers}

    @rule()
    def take_back(self) -> None:
        if self.try_step(Step.TAKE_BACK, self.newest):
            self.newest.words = {}

    @precondition(lambda self: self.newest.stage == "in_review")
    @rule(
        reviewer=st.sampled_from(REVIEWERS),
        verdict=st.sampled_from(["approve", "approve", "changes"]),
        where=st.sets(st.sampled_from(sorted(TARGETS)), min_size=1),
    )
    def give_opinion(self, reviewer: str, verdict: str, where: set[str]) -> None:
        if reviewer not in self.newest.words:
            return
        words = self.newest.words | {reviewer: word(reviewer, verdict, where)}
        try:
            self.newest.stage = judged(list(words.values()))
        except NoCommonTarget:
            return
        self.newest.words = words
        self.newest.was_approved = self.newest.stage == "approved"

    @rule(data=st.data(), where=st.sets(st.sampled_from(sorted(TARGETS)), min_size=1), is_later=st.booleans())
    def publish(self, data: st.DataObject, where: set[str], is_later: bool) -> None:
        number = data.draw(st.integers(0, len(self.versions) - 1))
        version = self.versions[number]
        allowed = common_targets(version.words.values())
        if passed_review(version.stage) and allowed is not None and where <= allowed:
            assert self.try_step(Step.PUBLISH, version)
            self.placed |= dict.fromkeys(where, (number, "scheduled" if is_later else "live"))
            self.restage()

    @rule(state=st.sampled_from(["withdrawn", "suspended", "live"]), place=st.sampled_from(sorted(TARGETS)))
    def change_on_target(self, state: str, place: str) -> None:
        if place not in self.placed:
            return
        number, now = self.placed[place]
        if state == "live" and now != "suspended":
            return
        self.placed[place] = (number, state)
        self.restage()

    @rule()
    def archive(self) -> None:
        if all(state == "withdrawn" for _, state in self.placed.values()):
            self.try_step(Step.ARCHIVE, self.newest)

    @invariant()
    def readers_see_only_what_all_reviewers_let_there(self) -> None:
        for target, (number, state) in self.placed.items():
            version = self.versions[number]
            assert version.was_approved
            assert all(w.verdict == "approve" and target in w.target_ids for w in version.words.values())
            if state in ("live", "scheduled"):
                assert version.stage == "published"

    @invariant()
    def a_stage_says_what_is_so(self) -> None:
        for number, version in enumerate(self.versions):
            on_targets = {state for placed, state in self.placed.values() if placed == number}
            if version.stage == "published":
                assert on_targets & {"live", "scheduled"}
            if version.stage in ("draft", "in_review", "changes_asked", "approved"):
                assert not on_targets


TestLife = Life.TestCase


@given(st.data())
def test_a_tree_moved_at_random_stays_a_tree(data: st.DataObject) -> None:
    parents = {"a": "", "b": "a", "c": "b", "d": "", "e": "d", "f": "d"}
    paths = {"a": "a/", "b": "a/b/", "c": "a/b/c/", "d": "d/", "e": "d/e/", "f": "d/f/"}
    moves = st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", *"abcdef"]))
    for moved, parent in data.draw(st.lists(moves, max_size=12)):
        is_below = moved in paths.get(parent, "").split("/")
        try:
            new = path_below(paths.get(parent, ""), moved)
        except CategoryCycle:
            assert is_below
            continue
        assert not is_below
        old = paths[moved]
        paths = {i: moved_path(p, old, new) if p.startswith(old) else p for i, p in paths.items()}
        parents[moved] = parent
        for category, path in paths.items():
            assert path == f"{paths.get(parents[category], '')}{category}/"


@given(st.integers(-1, 6), st.sampled_from("abcx"))
def test_siblings_have_one_place_each(position: int, moved: str) -> None:
    order = placed_at(["a", "b", "c"], moved, max(position, 0))
    assert sorted(order) == sorted({"a", "b", "c", moved})
    assert order.index(moved) == min(max(position, 0), len(order) - 1)
    assert [i for i in order if i != moved] == [i for i in "abc" if i != moved]

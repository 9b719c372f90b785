"""The rules of an article's life and of the tree it hangs in. No I/O. Source: 3.2.2-09, 3.2.2-13, 3.2.2-14.

A version is written, reviewed and published, and never changes but for its stage. A live one stays where it is
while the next is edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wecc.kernel.errors import WeccError
from wecc.knowledge.schemas.desk import Stage


class Step(StrEnum):
    """What is done to a version."""

    ASK_REVIEW = "ask_review"
    TAKE_BACK = "take_back"
    ASK_CHANGES = "ask_changes"
    APPROVE = "approve"
    PUBLISH = "publish"
    ARCHIVE = "archive"


_STEPS: Mapping[Step, tuple[frozenset[str], Stage]] = {
    Step.ASK_REVIEW: (frozenset({"draft"}), "in_review"),
    Step.TAKE_BACK: (frozenset({"in_review", "archived"}), "draft"),
    Step.ASK_CHANGES: (frozenset({"in_review"}), "changes_asked"),
    Step.APPROVE: (frozenset({"in_review"}), "approved"),
    # What was published once has passed the review, so every step of publishing can be taken back.
    Step.PUBLISH: (frozenset({"approved", "published", "suspended", "withdrawn", "superseded"}), "published"),
    Step.ARCHIVE: (
        frozenset({"draft", "changes_asked", "approved", "withdrawn", "superseded", "archived"}),
        "archived",
    ),
}


class WrongStage(WeccError):
    """`data` tells the stage; nothing was changed."""

    code = "article.stage"
    status = 409
    sentence = "This version is at a stage where that cannot be done."


class ArticleConflict(WeccError):
    """Somebody saved another version meanwhile; `data` says which, who and when."""

    code = "article.conflict"
    status = 409
    sentence = "Somebody has saved another version meanwhile. Yours was not saved."


class StillLive(WeccError):
    code = "article.live"
    status = 409
    sentence = "The article is still published. Withdraw it first."


class InBin(WeccError):
    code = "article.deleted"
    status = 409
    sentence = "The article is in the recycle bin."


class NotInBin(WeccError):
    code = "article.not_deleted"
    status = 409
    sentence = "The article is not in the recycle bin."


class Expired(WeccError):
    code = "article.expired"
    status = 409
    sentence = "The time until which this version is valid has passed."


class DraftChanged(WeccError):
    code = "gap.draft_changed"
    status = 409
    sentence = "The draft was changed or submitted since. Nothing was undone."


class OwnWork(WeccError):
    code = "review.own_work"
    status = 422
    sentence = "Nobody reviews his own version."


class NotReviewer(WeccError):
    """`data["reviewer_ids"]` names them."""

    code = "review.not_reviewer"
    status = 422
    sentence = "Somebody asked here may not review."


class NotAsked(WeccError):
    code = "review.not_asked"
    status = 403
    sentence = "You were not asked to review this version."


class NoCommonTarget(WeccError):
    """`data["targets"]` says of each reviewer where he lets it go."""

    code = "review.no_common_target"
    status = 409
    sentence = "There is no target that all reviewers let it go to."


class NotApproved(WeccError):
    """`data["target_ids"]`: those it was not approved for."""

    code = "publish.not_approved"
    status = 409
    sentence = "The reviewers did not let this version go there."


class CategoryCycle(WeccError):
    code = "category.cycle"
    status = 409
    sentence = "A category cannot be moved below itself."


class CategoryExists(WeccError):
    """`data["category_id"]` is the other one."""

    code = "category.exists"
    status = 409
    sentence = "There is a category of this name in this place."


class CategoryNotEmpty(WeccError):
    """`data` tells how many `categories` and `articles` it holds."""

    code = "category.not_empty"
    status = 409
    sentence = "The category is not empty."


def after(step: Step, stage: str) -> Stage:
    """The stage after a step. Raises: WrongStage."""
    sources, goal = _STEPS[step]
    if stage not in sources:
        raise WrongStage(stage=stage, step=step.value)
    return goal


def passed_review(stage: str) -> bool:
    """Whether a version may be shown to readers."""
    return stage in _STEPS[Step.PUBLISH][0]


def shown_stage(version: int, placements: Iterable[tuple[int, str]]) -> Stage:
    """The stage of a version that was published once, from what each target is to hold: (version, state)."""
    states = {state for placed, state in placements if placed == version}
    if states & {"live", "scheduled"}:
        return "published"
    if "suspended" in states:
        return "suspended"
    return "withdrawn" if states else "superseded"


@dataclass(frozen=True, slots=True)
class Word:
    """What one reviewer was asked and said: `approve`, `changes`, or nothing yet."""

    reviewer_id: str
    verdict: str = ""
    target_ids: frozenset[str] = frozenset()


def common_targets(words: Iterable[Word]) -> frozenset[str] | None:
    """Where all who approved let it go; None when nobody was asked, as what the operator published himself."""
    allowed = [word.target_ids for word in words if word.verdict == "approve"]
    return frozenset.intersection(*allowed) if allowed else None


def judged(words: Sequence[Word]) -> Stage:
    """The stage a version is at, given all words of its review.

    One who asks for changes ends the review; everybody must approve.
    Raises: NoCommonTarget when all approve and no target is left.
    """
    if any(word.verdict == "changes" for word in words):
        return after(Step.ASK_CHANGES, "in_review")
    if any(word.verdict == "" for word in words):
        return "in_review"
    if not common_targets(words):
        raise NoCommonTarget(targets={word.reviewer_id: sorted(word.target_ids) for word in words})
    return after(Step.APPROVE, "in_review")


def moved_path(path: str, old_root: str, new_root: str) -> str:
    """The path of something at or below `old_root` after that moved to `new_root`."""
    return new_root + path.removeprefix(old_root)


def path_below(parent_path: str, category_id: str) -> str:
    """Raises: CategoryCycle when the parent lies in the category itself."""
    if category_id in parent_path.split("/"):
        raise CategoryCycle
    return f"{parent_path}{category_id}/"


def placed_at(siblings: Sequence[str], category_id: str, position: int) -> list[str]:
    """The order of siblings with one of them (or a new one) put at a position; beyond the end is the end."""
    others = [sibling for sibling in siblings if sibling != category_id]
    others.insert(position, category_id)
    return others

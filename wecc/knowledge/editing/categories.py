"""The tree of categories: of any depth, never with a cycle. Source: 3.2.2-03, 3.2.2-09, 5.4-04."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from tortoise.functions import Count

from wecc.kernel.actor import Actor
from wecc.kernel.errors import NotFound
from wecc.kernel.ids import CenterId, new_id
from wecc.knowledge import schemas as s
from wecc.knowledge.domain import (
    CategoryExists,
    CategoryNotEmpty,
    moved_path,
    path_below,
    placed_at,
)
from wecc.knowledge.journal import Journal, Operation
from wecc.knowledge.models import Article, Category
from wecc.knowledge.publishing.service import touched
from wecc.knowledge.rights import Rights

_UNCATEGORISED = ("未分类", "Uncategorised")


class CategoryTree:
    """All categories of a center, as read at once."""

    def __init__(self, center_id: CenterId, rows: Iterable[Category]) -> None:
        self._center_id = center_id
        self._rows = {row.id: row for row in rows}
        self._children: dict[str, list[Category]] = defaultdict(list)
        for row in self._rows.values():
            self._children[row.parent_id].append(row)

    @classmethod
    async def load(cls, center_id: CenterId) -> Self:
        return cls(center_id, await Category.filter(center_id=center_id).order_by("position", "id"))

    def __contains__(self, category_id: object) -> bool:
        return category_id in self._rows

    def __getitem__(self, category_id: str) -> Category:
        """Raises: NotFound."""
        try:
            return self._rows[category_id]
        except KeyError:
            raise NotFound from None

    def children(self, parent_id: str) -> list[Category]:
        """Those directly below it (at the top with an empty id), in their order."""
        return list(self._children[parent_id])

    def path_of(self, category_id: str) -> list[s.CategoryRef]:
        """From the root to this one; empty when it is gone."""
        row = self._rows.get(category_id)
        ids = row.path.split("/")[:-1] if row else []
        rows = [self._rows[i] for i in ids]
        return [s.CategoryRef(id=row.id, name_zh=row.name_zh, name_en=row.name_en) for row in rows]

    def below(self, category_id: str) -> list[Category]:
        """Itself and all below it. Raises: NotFound."""
        root = self[category_id].path
        return [row for row in self._rows.values() if row.path.startswith(root)]

    def in_order(self) -> Iterator[Category]:
        """Parents before children, siblings in their order."""
        waiting = self.children("")[::-1]
        while waiting:
            row = waiting.pop()
            yield row
            waiting += self.children(row.id)[::-1]

    def named(self, parent_id: str, name: str) -> Category | None:
        """The child of this name, in either language."""
        wanted = name.casefold()
        names = ((row, (row.name_zh.casefold(), row.name_en.casefold())) for row in self._children[parent_id])
        return next((row for row, known in names if wanted and wanted in known), None)

    def at(self, names: Iterable[str]) -> Category | None:
        """The category at a path of names."""
        row = None
        for name in names:
            row = self.named(row.id if row else "", name)
            if row is None:
                return None
        return row

    def new(self, parent_id: str, name_zh: str, name_en: str) -> Category:
        """A category below another, at the end; not saved. Raises: NotFound, CategoryExists."""
        parent_path = self[parent_id].path if parent_id else ""
        if other := self.named(parent_id, name_zh):
            raise CategoryExists(category_id=other.id)
        category_id = new_id()
        row = Category(
            id=category_id,
            center_id=self._center_id,
            parent_id=parent_id,
            path=path_below(parent_path, category_id),
            position=len(self._children[parent_id]),
            name_zh=name_zh,
            name_en=name_en or name_zh,
        )
        self._rows[category_id] = row
        self._children[parent_id].append(row)
        return row


class Categories:
    """Use cases of categories."""

    def __init__(self, rights: Rights, journal: Journal) -> None:
        self._rights = rights
        self._journal = journal

    async def all(self, actor: Actor) -> s.CategoryList:
        """Raises: Forbidden."""
        await self._rights.viewer(actor)
        tree = await CategoryTree.load(actor.center_id)
        held = Article.filter(center_id=actor.center_id, deleted_ms=None).group_by("category_id")
        counts: Counter[str] = Counter()
        for category_id, count in await held.annotate(count=Count("id")).values_list("category_id", "count"):
            if category_id in tree:
                counts.update(dict.fromkeys(tree[category_id].path.split("/")[:-1], count))
        return s.CategoryList(
            categories=[
                s.CategoryNode(
                    id=row.id,
                    parent_id=row.parent_id,
                    name_zh=row.name_zh,
                    name_en=row.name_en,
                    articles=counts[row.id],
                )
                for row in tree.in_order()
            ]
        )

    async def add(self, actor: Actor, cmd: s.CategoryText) -> s.CategoryList:
        """Raises: Forbidden, NotFound for the parent, CategoryExists."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            tree = await CategoryTree.load(op.center_id)
            row = tree.new(cmd.parent_id, cmd.name_zh, cmd.name_en)
            await row.save(force_create=True)
            op.did("category_added", row.id, title=row.name_zh, after=_names(tree, row))
        return await self.all(actor)

    async def rename(self, actor: Actor, category_id: str, cmd: s.CategoryText) -> s.CategoryList:
        """Its place stays. Raises: Forbidden, NotFound, CategoryExists."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            tree = await CategoryTree.load(op.center_id)
            row = tree[category_id]
            other = tree.named(row.parent_id, cmd.name_zh)
            if other is not None and other.id != row.id:
                raise CategoryExists(category_id=other.id)
            before = [row.name_zh, row.name_en]
            row.name_zh, row.name_en = cmd.name_zh, cmd.name_en or cmd.name_zh
            after = [row.name_zh, row.name_en]
            if after != before:
                await row.save(update_fields=["name_zh", "name_en"])
                await touched(op, [])
                op.did("category_renamed", row.id, title=row.name_zh, before=before, after=after)
        return await self.all(actor)

    async def move(self, actor: Actor, category_id: str, cmd: s.MoveCategory) -> s.CategoryList:
        """With all below it. Raises: Forbidden, NotFound, CategoryCycle, CategoryExists."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            tree = await CategoryTree.load(op.center_id)
            row = tree[category_id]
            old_parent_id, old_path, before = row.parent_id, row.path, _names(tree, row)
            new_path = path_below(tree[cmd.parent_id].path if cmd.parent_id else "", row.id)
            is_elsewhere = cmd.parent_id != old_parent_id
            if is_elsewhere and (other := tree.named(cmd.parent_id, row.name_zh)):
                raise CategoryExists(category_id=other.id)
            siblings = [sibling.id for sibling in tree.children(cmd.parent_id)]
            order = placed_at(siblings, row.id, cmd.position)
            if order == siblings:
                return await self.all(actor)
            moved = tree.below(row.id)
            left = [c for c in tree.children(old_parent_id) if c.id != row.id] if is_elsewhere else []
            row.parent_id = cmd.parent_id
            for one in moved:
                one.path = moved_path(one.path, old_path, new_path)
            for siblings_now in (left, [tree[i] for i in order]):
                for position, one in enumerate(siblings_now):
                    one.position = position
            changed = {one.id: one for one in (*moved, *left, *(tree[i] for i in order))}
            fields = ["parent_id", "path", "position"]
            await Category.bulk_update(changed.values(), fields, batch_size=100)
            # Readers find its articles elsewhere now.
            ids = [one.id for one in moved] if is_elsewhere else []
            articles = await Article.filter(category_id__in=ids, deleted_ms=None).values_list("id", flat=True)
            await touched(op, [str(i) for i in articles])
            tree = await CategoryTree.load(op.center_id)
            op.did(
                "category_moved",
                row.id,
                title=row.name_zh,
                before=before,
                after=_names(tree, tree[row.id]),
                position=order.index(row.id),
            )
        return await self.all(actor)

    async def delete(self, actor: Actor, category_id: str) -> s.CategoryList:
        """What lies in the recycle bin does not keep it. Raises: Forbidden, NotFound, CategoryNotEmpty."""
        await self._rights.editor(actor)
        async with self._journal.operation(actor) as op:
            tree = await CategoryTree.load(op.center_id)
            row, *below = sorted(tree.below(category_id), key=lambda one: len(one.path))
            ids = [row.id, *(one.id for one in below)]
            articles = await Article.filter(category_id__in=ids, deleted_ms=None).count()
            if below or articles:
                raise CategoryNotEmpty(categories=len(below), articles=articles)
            before = _names(tree, row)
            await row.delete()
            rest = [sibling for sibling in tree.children(row.parent_id) if sibling.id != row.id]
            for position, one in enumerate(rest):
                one.position = position
            if rest:
                await Category.bulk_update(rest, ["position"], batch_size=100)
            await touched(op, [])
            op.did("category_deleted", row.id, title=row.name_zh, before=before)
        return await self.all(actor)


async def uncategorised(op: Operation, tree: CategoryTree) -> Category:
    """The top category for what has lost its own; added when it is not there."""
    return await find_or_add(op, tree, _UNCATEGORISED[:1], _UNCATEGORISED[1])


async def find_or_add(op: Operation, tree: CategoryTree, names: Sequence[str], name_en: str = "") -> Category:
    """The category at this path of names; what is missing of it is added."""
    parent_id = ""
    for name in names:
        row = tree.named(parent_id, name)
        if row is None:
            row = tree.new(parent_id, name, name_en)
            await row.save(force_create=True)
            op.did("category_added", row.id, title=row.name_zh, after=_names(tree, row))
        parent_id = row.id
    return tree[parent_id]


def _names(tree: CategoryTree, row: Category) -> list[str]:
    """The path of names, as people read it."""
    return [ref.name_zh for ref in tree.path_of(row.id)]

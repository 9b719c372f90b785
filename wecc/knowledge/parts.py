"""The parts of the knowledge base in one process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wecc.infra.tasks import TaskOwner
from wecc.kernel.ids import CenterId
from wecc.knowledge.bell import Bell
from wecc.knowledge.editing.articles import Articles
from wecc.knowledge.editing.categories import Categories
from wecc.knowledge.editing.desk import Desk
from wecc.knowledge.editing.importing import Importing
from wecc.knowledge.editing.reviewing import Reviewing
from wecc.knowledge.editing.staff import Staff
from wecc.knowledge.editing.vocabulary import Words
from wecc.knowledge.files import ArticleFiles
from wecc.knowledge.journal import Journal
from wecc.knowledge.learning.gaps import Learning
from wecc.knowledge.publishing.placing import Placing
from wecc.knowledge.publishing.service import Publishing
from wecc.knowledge.publishing.targets import Targets
from wecc.knowledge.readers import Readers
from wecc.knowledge.reading.asking import Asking
from wecc.knowledge.reading.browsing import Reading
from wecc.knowledge.reading.hot import Hot
from wecc.knowledge.rights import Rights
from wecc.knowledge.search_process.client import SearchClient
from wecc.knowledge.shelf import Shelves


@dataclass(frozen=True, slots=True)
class KnowledgeFeature:
    """All of the knowledge base in one process."""

    rights: Rights
    journal: Journal
    bell: Bell
    staff: Staff
    desk: Desk
    articles: Articles
    categories: Categories
    reviewing: Reviewing
    publishing: Publishing
    importing: Importing
    words: Words
    files: ArticleFiles
    targets: Targets
    readers: Readers
    shelves: Shelves
    reading: Reading
    hot: Hot
    index: SearchClient
    asking: Asking
    learning: Learning
    placing: Callable[[CenterId], Placing]

    def start(self, tasks: TaskOwner) -> None:
        """What is noted behind is written, and others are told of changes, by these tasks."""
        self.bell.start(tasks)
        self.asking.questions.start(tasks)
        self.hot.views.start(tasks)

    async def tidy(self, center_ids: Iterable[CenterId]) -> None:
        """Periodic cleaning, in the jobs process."""
        await self.hot.tidy()
        for center_id in center_ids:
            await self.files.drop_unused(center_id)

    async def close(self) -> None:
        """Before the tasks are stopped."""
        await self.asking.questions.drain()
        await self.hot.views.drain()
        await self.index.close()
        self.learning.close()
        self.files.close()

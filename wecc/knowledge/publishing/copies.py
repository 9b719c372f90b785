"""An article's version as files: for programs, for people, and what is attached to it."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import orjson

from wecc.infra.markdown import article_html
from wecc.kernel.ids import CenterId
from wecc.knowledge.models import ArticleFile, ArticleVersion
from wecc.knowledge.schemas import Content

ReadFile = Callable[[CenterId, str], Awaitable[bytes]]
"""The content of a stored file, by its id."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The files of one version, by name; the same for the same version, wherever and whenever it is made."""

    article_id: str
    version: int
    external_id: str | None
    content: Content
    files: Mapping[str, bytes]

    @property
    def path(self) -> str:
        return f"{self.article_id}/{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 over the names and contents of all files."""
        whole = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\0".encode())
        return whole.hexdigest()


async def copy_of(version: ArticleVersion, external_id: str | None, read_file: ReadFile) -> Copy:
    """Raises: OSError when an attached file cannot be read."""
    content = Content.model_validate_json(version.content)
    files: dict[str, bytes] = {}
    attached = []
    ids = content.file_ids
    rows = {row.id: row for row in await ArticleFile.filter(id__in=ids)} if ids else {}
    for file_id in content.file_ids:
        row = rows.get(file_id)
        if row is None:
            raise FileNotFoundError(file_id)
        ending = PurePosixPath(row.name).suffix
        name = file_id + (ending if ending.isascii() else "")
        files[name] = await read_file(CenterId(row.center_id), file_id)
        attached.append({"file": name, "name": row.name, "media_type": row.media_type})
    facts = content.model_dump(exclude={"file_ids"})
    described = {"id": version.article_id, "external_id": external_id, "version": version.version, **facts}
    files["article.json"] = orjson.dumps(described | {"files": attached}, option=orjson.OPT_INDENT_2)
    files["article.html"] = _page(content, attached).encode()
    return Copy(version.article_id, version.version, external_id, content, files)


def _page(content: Content, attached: list[dict[str, str]]) -> str:
    """A page of its own, without scripts; nothing anybody wrote is markup in it."""
    title = html.escape(content.title)
    body = article_html(content.body, "")
    for file_id, file in zip(content.file_ids, attached, strict=True):
        body = body.replace(f'src="{file_id}"', f'src="{html.escape(file["file"])}"')
    links = "".join(
        f'<li><a href="{html.escape(f["file"])}">{html.escape(f["name"])}</a></li>' for f in attached
    )
    return (
        f'<!doctype html><html lang="{html.escape(content.lang)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<h1>{title}</h1>{body}{f'<ul>{links}</ul>' if links else ''}</html>\n"
    )

"""Built files of the faces, from memory, compressed once; their pages with a strict policy."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from quart import Response, request

from wecc.kernel.errors import NotFound

_COMPRESSED = {".html", ".js", ".css", ".svg", ".json", ".map", ".txt"}


@dataclass(frozen=True, slots=True)
class _File:
    modified_ns: int
    content: bytes
    zipped: bytes | None
    media_type: str
    tag: str


class Pages:
    """Serves files below one folder; a rebuilt file is noticed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._files: dict[Path, _File] = {}

    def serve(self, name: str, *, policy: str | None = None) -> Response:
        """One file; `policy` is its Content-Security-Policy. Raises: NotFound, also outside the folder."""
        path = self._folder / name
        try:
            path = path.resolve()
            is_there = path.is_relative_to(self._folder) and path.is_file()
        except (OSError, ValueError) as error:  # a name too long for a file, or with a NUL in it
            raise NotFound from error
        if not is_there:
            raise NotFound
        file = self._file(path)
        if request.if_none_match.contains(file.tag):
            response = Response(status=304)
        elif file.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            response = Response(file.zipped, content_type=file.media_type)
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = Response(file.content, content_type=file.media_type)
        response.headers["ETag"] = f'"{file.tag}"'
        response.headers["Vary"] = "Accept-Encoding"
        # Vite puts a digest of the content into the names below assets/.
        is_named_by_content = "/assets/" in name
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_named_by_content else "no-cache"
        )
        if policy is not None:
            response.headers["Content-Security-Policy"] = policy
        return response

    def _file(self, path: Path) -> _File:
        modified_ns = path.stat().st_mtime_ns
        known = self._files.get(path)
        if known is None or known.modified_ns != modified_ns:
            content = path.read_bytes()
            zipped = gzip.compress(content, 9) if path.suffix in _COMPRESSED else None
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            known = _File(modified_ns, content, zipped, kind, hashlib.sha256(content).hexdigest()[:20])
            self._files[path] = known
        return known

"""Files people send: typed by content, images re-encoded, everything else only ever downloaded.

What a browser would run (HTML, SVG, scripts) is refused; what it shows (images) is decoded and written anew,
so nothing of the sender's bytes but the pixels reaches another's screen.
"""

from __future__ import annotations

import io
import os
import unicodedata
import warnings
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from wecc.infra.blocking import BlockingPool
from wecc.kernel.errors import TooLarge, WeccError
from wecc.kernel.ids import CenterId, new_id

_DEADLINE_S = 20.0
MAX_PIXELS = 40_000_000
_BINARY = bytes(set(range(32)) - set(b"\t\n\f\r"))
"""Bytes no text holds, in UTF-8 or GB 18030."""
_ZIP_ENTRY = b"PK\x01\x02"
_MAX_ZIP_ENTRIES = 20_000
_MAX_SIDE_PX = 4096

# Pillow warns of more pixels than this and refuses twice as many, before it decodes any.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class TypeRefused(WeccError):
    code = "attachment.type_refused"
    status = 415
    sentence = "Files of this type are not accepted."


class Damaged(WeccError):
    code = "attachment.damaged"
    status = 422
    sentence = "This file cannot be read. It may be damaged."


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file fit to be kept. Pixel sizes only for images."""

    media_type: str
    content: bytes
    width_px: int | None = None
    height_px: int | None = None


_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/png", "WEBP": "image/webp"}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


class Files:
    """Keeps files below one folder, a folder for each center."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._pool = BlockingPool("files", workers=2, waiting=32)

    async def accept(self, content: bytes) -> Accepted:
        """Look into the content and make it safe.

        Raises: TooLarge, TypeRefused, Damaged.
        """
        if len(content) > self._max_bytes:
            raise TooLarge(limit=self._max_bytes)
        return await self._pool.run(_DEADLINE_S, inspect, content)

    async def keep(self, center_id: CenterId, file_id: str, content: bytes) -> None:
        """Write the file, durably, before anybody is told of it."""
        await self._pool.run(_DEADLINE_S, self._write, self._path(center_id, file_id), content)

    async def read(self, center_id: CenterId, file_id: str) -> bytes:
        return await self._pool.run(_DEADLINE_S, self._path(center_id, file_id).read_bytes)

    async def has(self, center_id: CenterId, file_id: str) -> bool:
        return await self._pool.run(_DEADLINE_S, self._path(center_id, file_id).is_file)

    async def drop(self, center_id: CenterId, file_id: str) -> None:
        await self._pool.run(_DEADLINE_S, self._path(center_id, file_id).unlink, missing_ok=True)

    def close(self) -> None:
        self._pool.close()

    def _path(self, center_id: CenterId, file_id: str) -> Path:
        return self._folder / center_id / file_id[-2:] / file_id

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Two may write the same content at once.
        partial = path.with_name(f"{path.name}.{new_id()[-8:]}.partial")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)


def inspect(content: bytes) -> Accepted:
    """What a file is, by its bytes. Raises: TypeRefused, Damaged."""
    head = content[:1024]
    if head.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    ):
        return _image(content)
    if head.startswith(b"%PDF-"):
        return Accepted("application/pdf", content)
    if head.startswith(b"PK\x03\x04"):
        return _archive(content)
    return _text(content)


def _text(content: bytes) -> Accepted:
    if content.translate(None, _BINARY) != content or _is_markup(content[:1024]):
        raise TypeRefused
    for charset in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            content.decode(charset)
            return Accepted(f"text/plain; charset={charset}", content)
    raise TypeRefused


def _image(content: bytes) -> Accepted:
    try:
        with Image.open(io.BytesIO(content), formats=list(_IMAGES)) as picture:
            # A photo with a second picture inside calls itself MPO; it is a JPEG like others.
            kind = picture.format if picture.format in _IMAGES else "JPEG"
            upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((_MAX_SIDE_PX, _MAX_SIDE_PX))
        # Comments, profiles and all else that came with the pixels stay behind.
        upright.info = {k: v for k, v in upright.info.items() if k == "transparency"}
        form = "PNG" if kind == "GIF" else kind
        if form == "JPEG" and upright.mode not in ("RGB", "L"):
            upright = upright.convert("RGB")
        elif form == "PNG" and upright.mode not in ("RGB", "RGBA", "L", "LA", "P"):
            upright = upright.convert("RGBA")
        out = io.BytesIO()
        upright.save(out, form, **({} if form == "PNG" else {"quality": 85}))
    except Exception as error:  # a decoder fails in many ways on what strangers send
        raise Damaged from error
    return Accepted(_IMAGES[kind], out.getvalue(), upright.width, upright.height)


def _archive(content: bytes) -> Accepted:
    """Office documents by what they hold; other archives as archives. Never unpacked."""
    if content.count(_ZIP_ENTRY) > _MAX_ZIP_ENTRIES:
        return Accepted("application/zip", content)  # its table of contents alone would cost too much
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:  # the last: of a newer form than it knows
        raise Damaged from error
    if any(name.endswith("vbaProject.bin") for name in names):
        raise TypeRefused("Documents with macros are not accepted.")
    if "[Content_Types].xml" in names:
        for folder, media_type in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return Accepted(media_type, content)
    return Accepted("application/zip", content)


def _is_markup(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<!", b"<?", b"<html", b"<svg", b"<script", b"<head", b"<body", b"#!"))


def safe_name(name: str, media_type: str) -> str:
    """A file name to show and to save under: no paths, no control or direction characters, an honest ending."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(ch for ch in base if unicodedata.category(ch) not in _UNSEEN).strip(" .")
    stem, _, ending = kept.rpartition(".")
    if not stem:
        stem, ending = kept, ""
    right = _ENDINGS.get(media_type.split(";", maxsplit=1)[0])
    if right is not None and ending.lower() not in right:
        stem, ending = (f"{stem}.{ending}" if ending else stem), right[0]
    short = stem[:80] or "file"
    return f"{short}.{ending[:10]}" if ending else short


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_ENDINGS: dict[str, tuple[str, ...]] = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "application/pdf": ("pdf",),
    "application/zip": ("zip",),
    "text/plain": ("txt", "csv", "log", "md", "json"),
    _OFFICE["word/"]: ("docx",),
    _OFFICE["xl/"]: ("xlsx",),
    _OFFICE["ppt/"]: ("pptx",),
}

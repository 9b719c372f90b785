"""Files that are not what they say, or more than they should be. Source: reliability 39; issue "Bad input"."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image
from yarl import URL

from tests.clients import Client, Refused, client_id
from tests.live.people import People
from wecc.kernel.ids import new_id

pytestmark = pytest.mark.usefixtures("quiet_log")


def picture(form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (200, 30, 30)).save(out, form, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge_png(side_px: int) -> bytes:
    """A small file that says it is huge."""
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


async def upload(client: Client, content: bytes, name: str = "file") -> dict[str, Any]:
    query = f"name={quote(name, errors='surrogatepass')}"
    url = URL(f"{client.deployment.origin}/api/v1/attachments?{query}", encoded=True)
    length = {"Content-Length": str(len(content))}
    async with client.http.post(url, data=io.BytesIO(content), headers=length) as response:
        answer: dict[str, Any] = await response.json()
        if response.status >= 400:
            raise Refused(answer)
        return answer


async def fetch(client: Client, file_id: str) -> tuple[bytes, dict[str, str]]:
    async with client.http.get(f"{client.deployment.origin}/api/v1/attachments/{file_id}") as response:
        assert response.status == 200
        return await response.read(), {k.lower(): v for k, v in response.headers.items()}


HTML = b"<html><script>alert(1)</script></html>"
REFUSED = {
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "attachment.type_refused"),
    "SVG after a declaration": (b'\xef\xbb\xbf <?xml version="1.0"?><svg/>', "attachment.type_refused"),
    "HTML": (b"\r\n\t<!DOCTYPE html>" + HTML, "attachment.type_refused"),
    "HTML in capitals": (b"<HTML><BODY>", "attachment.type_refused"),
    "HTML in UTF-16": ("\ufeff<html>".encode("utf-16"), "attachment.type_refused"),
    "a script": (b"#!/bin/sh\nrm -rf /", "attachment.type_refused"),
    "a program": (b"MZ\x90\x00\x03\x00", "attachment.type_refused"),
    "an ELF program": (b"\x7fELF\x02\x01", "attachment.type_refused"),
    "noise": (bytes(range(256)), "attachment.type_refused"),
    "a PNG of 50,000 by 50,000": (huge_png(50_000), "attachment.damaged"),
    "a PNG of 9,000 by 9,000": (huge_png(9_000), "attachment.damaged"),
    "half a PNG": (picture("PNG")[:60], "attachment.damaged"),
    "a PNG by its first bytes": (b"\x89PNG\r\n\x1a\n" + HTML, "attachment.damaged"),
    "a GIF by its first bytes": (b"GIF89a/*" + HTML, "attachment.damaged"),
    "a JPEG by its first bytes": (b"\xff\xd8\xff\xe0" + HTML, "attachment.damaged"),
    "a WebP by its first bytes": (b"RIFF\x00\x00\x00\x00WEBP" + HTML, "attachment.damaged"),
    "half an archive": (archive({"a": b"x"})[:20], "attachment.damaged"),
    "macros": (archive({"[Content_Types].xml": b"", "word/vbaProject.bin": b"x"}), "attachment.type_refused"),
    "nothing": (b"", "request.invalid"),
    "too much": (bytes(10 * 2**20 + 1), "request.too_large"),
}


async def test_what_a_browser_would_run_is_refused(people: People) -> None:
    visitor = await people.visitor()
    for name, (content, code) in REFUSED.items():
        try:
            pytest.fail(f"{name} was accepted: {await upload(visitor, content, f'{name}.png')}")
        except Refused as refused:
            assert refused.code == code, name  # noqa: PT017


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "MPO"])
async def test_of_an_image_only_the_pixels_are_kept(people: People, form: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARY"  # ImageDescription
    exif[0x8825] = {2: (23.0, 7.0, 12.0)}  # where it was taken
    options: dict[str, Any] = {"exif": exif} if form != "GIF" else {}
    if form in ("JPEG", "GIF"):
        options["comment"] = b"CANARY"
    if form != "GIF":
        options["icc_profile"] = b"CANARY" + bytes(200)
    if form == "MPO":
        options |= {"save_all": True, "append_images": [Image.new("RGB", (8, 8))]}
    content = picture(form, **options) + b"CANARY" + HTML
    assert b"CANARY" in content
    visitor = await people.visitor()
    view = await upload(visitor, content, "photo")
    assert (view["is_image"], view["width_px"], view["height_px"]) == (True, 40, 20)
    kept, headers = await fetch(visitor, view["id"])
    assert b"CANARY" not in kept
    assert b"<script" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert image.convert("RGB").getpixel((20, 10))[0] > 150  # type: ignore[index]
    assert headers["content-type"] == view["media_type"]
    assert headers["content-type"] in ("image/png", "image/jpeg", "image/webp")


async def test_a_wrong_type_or_ending_is_set_right(people: People) -> None:
    visitor = await people.visitor()
    view = await upload(visitor, picture("PNG"), "invoice.pdf.html")
    assert view["name"] == "invoice.pdf.html.png"
    assert view["media_type"] == "image/png"
    chinese = await upload(visitor, "二月账单".encode("gb18030"), "账单.csv")
    assert (chinese["name"], chinese["media_type"]) == ("账单.csv", "text/plain; charset=gb18030")
    text = await upload(visitor, b"hello <script>alert(1)</script>", "page.html")
    assert (text["name"], text["media_type"]) == ("page.html.txt", "text/plain; charset=utf-8")
    _, headers = await fetch(visitor, text["id"])
    assert headers["content-disposition"].startswith("attachment;")


async def test_files_are_served_so_that_nothing_runs(people: People) -> None:
    visitor = await people.visitor()
    for content, disposition in (
        (b"%PDF-1.7\n%%EOF", "attachment"),
        (b"a,b\n=1+1,2", "attachment"),
        (picture("PNG"), "inline"),
    ):
        view = await upload(visitor, content, 'a"b\\c; filename=evil.html')
        _, headers = await fetch(visitor, view["id"])
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "private" in headers["cache-control"]
        how, name, *_ = headers["content-disposition"].split(";")
        assert how == disposition
        assert name.strip().startswith('filename="')


async def test_an_archive_is_never_unpacked(people: People) -> None:
    visitor = await people.visitor()
    bomb = archive({f"{n}.bin": bytes(20 * 2**20) for n in range(5)} | {"../../etc/cron.d/x": b"x"})
    view = await upload(visitor, bomb, "archive.zip")
    kept, headers = await fetch(visitor, view["id"])
    assert kept == bomb
    assert headers["content-type"] == "application/zip"
    crowd = archive(
        {str(n): b"" for n in range(21_000)} | {"[Content_Types].xml": b"", "word/vbaProject.bin": b"x"}
    )
    assert (await upload(visitor, crowd, "crowd.docm"))["name"] == "crowd.docm.zip"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd.txt"),
        ("..\\..\\windows\\system.ini", "system.ini.txt"),
        ("..%2f..%2fx", "%2f..%2fx.txt"),
        ("a\u0000.html\u0000.txt", "a.html.txt"),
        ("exe.\u202etxt", "exe.txt"),
        ("photo\u202egpj.exe", "photogpj.exe.txt"),
        ("a\r\nSet-Cookie: x=1\r\n\r\n<html>.txt", "aSet-Cookie: x=1<html>.txt"),
        ("a\u2028b.txt", "ab.txt"),
        ("\ud800.txt", "%ED%A0%80.txt"),
        ("...", "file.txt"),
        ("", "file.txt"),
        ("x" * 300, "x" * 80 + ".txt"),
        ("账单.txt", "账单.txt"),
    ],
)
async def test_file_names_are_only_names(people: People, name: str, shown: str) -> None:
    visitor = await people.visitor()
    view = await upload(visitor, b"text", name)
    assert view["name"] == shown
    _, headers = await fetch(visitor, view["id"])
    assert "set-cookie" not in headers


async def test_a_file_is_seen_by_its_conversation_only(people: People) -> None:
    owner, agent = await people.talk("1002")
    stranger, outsider = await people.visitor(), await people.agent("1001")
    view = await upload(owner, picture("PNG"), "x.png")
    everybody = (stranger, outsider, agent)
    for client in everybody:
        await assert_not_found(client, view["id"])
    send = {
        "conversation_id": owner.conversation_id,
        "client_id": client_id(),
        "attachment_ids": [view["id"]],
    }
    await owner.ask("conversation:send_message", **send)
    await fetch(agent, view["id"])
    for client in (stranger, outsider):
        await assert_not_found(client, view["id"])
    for bad in (new_id(), "%00", "..%2f..%2fwecc.sqlite3", "a" * 300, "1%20OR%201=1"):
        await assert_not_found(owner, bad)


async def assert_not_found(client: Client, file_id: str) -> None:
    with pytest.raises(Refused) as refused:
        await client.request("GET", f"/api/v1/attachments/{file_id}")
    assert refused.value.code == "request.not_found", file_id


async def test_anothers_file_is_not_sent(people: People) -> None:
    owner, stranger = await people.visitor(), await people.visitor(text="您好")
    view = await upload(owner, picture("PNG"))
    for file_id in (view["id"], new_id()):
        send = {
            "conversation_id": stranger.conversation_id,
            "client_id": client_id(),
            "attachment_ids": [file_id],
        }
        with pytest.raises(Refused) as refused:
            await stranger.ask("conversation:send_message", **send)
        assert refused.value.data == {"fields": {"attachment_ids": "a file is not there"}}
    assert (await stranger.ask("visitor:resume"))["conversation"]["last_seq"] <= 3, "nothing was stored half"


async def test_nobody_uploads_without_being_somebody(people: People) -> None:
    visitor = await people.visitor()
    for header in ("Bearer ", "Bearer x", "Basic x", "bearer", "Bearer \u00e9"):
        visitor.http.headers["Authorization"] = header
        with pytest.raises(Refused, match=r"session\.required"):
            await upload(visitor, b"text")


async def test_a_flood_of_files_is_refused(people: People) -> None:
    visitor = await people.visitor()
    for _ in range(30):
        await upload(visitor, b"text")
    with pytest.raises(Refused, match=r"request\.rate_limited"):
        await upload(visitor, b"text")

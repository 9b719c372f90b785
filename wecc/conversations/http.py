"""HTTP entry points: files, transcripts, canned replies."""

from __future__ import annotations

from quart import Response, request

from wecc.conversations import reading, transcript
from wecc.conversations import schemas as s
from wecc.conversations.parts import ConversationsFeature
from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer, as_file
from wecc.infra.ratelimit import Buckets
from wecc.kernel.actor import Actor
from wecc.kernel.errors import InvalidInput, TooLarge, TooMany

_LOCALES = ("zh-CN", "en")


def bind(
    http: HttpServer, feature: ConversationsFeature, doorman: Doorman, uploads: Buckets, max_bytes: int
) -> None:
    """Serve the conversations' HTTP operations. `uploads` bounds files for each sender."""

    async def upload() -> s.AttachmentView:
        """Keep a file for a message to come; the body is the file, `name` its name."""
        actor = await doorman.anyone()
        wait_s = uploads.take(actor.id)
        if wait_s:
            raise TooMany(retry_after_s=round(wait_s, 1))
        if request.content_length is None or request.content_length > max_bytes:
            raise TooLarge(limit=max_bytes)
        content = await request.body
        if not content:
            raise InvalidInput(fields={"": "the file is empty"})
        return await feature.attachments.upload(actor, request.args.get("name", "")[:300], content)

    async def download(file_id: str) -> Response:
        """A file of a conversation one may read. Images show; everything else is only saved."""
        file = await feature.attachments.download(await doorman.anyone(), file_id)
        response = Response(file.content, content_type=file.media_type)
        as_file(response, file.name, "inline" if file.is_image else "attachment")
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    async def read_transcript(conversation_id: str) -> Response:
        """The conversation to keep; `format` html or text, `locale` zh-CN or en."""
        actor: Actor = await doorman.anyone()
        locale = request.args.get("locale", "zh-CN")
        form = request.args.get("format", "html")
        if locale not in _LOCALES or form not in ("html", "text"):
            raise InvalidInput(fields={"format": "html or text", "locale": "zh-CN or en"})
        state = await feature.access.conversation(actor, conversation_id)
        rows = await reading.entries(actor, state)
        make = transcript.as_html if form == "html" else transcript.as_text
        kind = "text/html" if form == "html" else "text/plain"
        response = Response(make(rows, locale), content_type=f"{kind}; charset=utf-8")
        as_file(response, f"wecc-{conversation_id[:12]}.{'html' if form == 'html' else 'txt'}", "attachment")
        response.headers["Cache-Control"] = "no-store"
        return response

    async def canned_replies() -> s.CannedReplyList:
        """The center's canned replies."""
        return s.CannedReplyList(canned_replies=await feature.canned_replies.all(await doorman.agent()))

    async def add_canned_reply(cmd: s.CannedReplyText) -> s.CannedReply:
        """Add a canned reply."""
        return await feature.canned_replies.save(await doorman.agent(), cmd)

    async def change_canned_reply(cmd: s.CannedReplyText, reply_id: str) -> s.CannedReply:
        """Change a canned reply."""
        return await feature.canned_replies.save(await doorman.agent(), cmd, reply_id)

    async def delete_canned_reply(reply_id: str) -> None:
        """Delete a canned reply."""
        await feature.canned_replies.delete(await doorman.agent(), reply_id)

    http.route("POST", "/api/v1/attachments", upload, answers=s.AttachmentView)
    http.route("GET", "/api/v1/attachments/<file_id>", download)
    http.route("GET", "/api/v1/conversations/<conversation_id>/transcript", read_transcript)
    path = "/api/v1/canned-replies"
    http.route("GET", path, canned_replies, answers=s.CannedReplyList)
    http.route("POST", path, add_canned_reply, takes=s.CannedReplyText, answers=s.CannedReply)
    http.route(
        "PUT", f"{path}/<reply_id>", change_canned_reply, takes=s.CannedReplyText, answers=s.CannedReply
    )
    http.route("DELETE", f"{path}/<reply_id>", delete_canned_reply)

"""A conversation to keep: HTML or plain text, in the reader's language."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from wecc.conversations.models import LogEntry
from wecc.infra.markdown import message_html

_TEXTS = {
    "zh-CN": {
        "title": "对话记录",
        "started": "对话开始",
        "queued": "正在等待座席",
        "joined": "{agent} 加入对话",
        "left": "{agent} 离开对话",
        "transferred": "{agent} 转接了对话",
        "identified": "身份已确认：{name}",
        "contact_left": "留下联系方式：{contact}",
        "assistant": "自助服务",
        "handed_over": "自助服务转接人工",
        "closed": "对话结束",
        "note": "内部备注",
        "wrap_up_started": "开始整理",
        "wrap_up_ended": "整理完成",
        "routed": "路由说明",
        "file": "文件",
        "zone": "时间为协调世界时（UTC）",
    },
    "en": {
        "title": "Conversation transcript",
        "started": "Conversation started",
        "queued": "Waiting for an agent",
        "joined": "{agent} joined",
        "left": "{agent} left",
        "transferred": "{agent} handed the conversation over",
        "identified": "Identity confirmed: {name}",
        "contact_left": "How to be reached: {contact}",
        "assistant": "Self-service",
        "handed_over": "Self-service asked for a person",
        "closed": "Conversation ended",
        "note": "Internal note",
        "wrap_up_started": "Wrap-up started",
        "wrap_up_ended": "Wrap-up finished",
        "routed": "Routing",
        "file": "File",
        "zone": "Times are in UTC",
    },
}

_SAID = {"message", "note", "assisted", "chosen", "filled"}

_STYLE = (
    "body{font:15px/1.6 system-ui,'PingFang SC','Microsoft YaHei',sans-serif;max-width:44rem;margin:2rem auto;"
    "padding:0 1rem;color:#1c2130}h1{font-size:1.2rem}.m{margin:1rem 0}.h{color:#5d6577;font-size:.85rem}"
    ".s{color:#5d6577;text-align:center;font-size:.85rem;margin:1rem 0}.n{background:#fff6dc;padding:.5rem .75rem}"
    "p{margin:.25rem 0}"
)


def as_text(rows: Sequence[LogEntry], locale: str) -> str:
    """One line for each event; what more lines a message has stand indented, so that none passes for an event."""
    words = _TEXTS[locale]
    lines = [words["title"], words["zone"], ""]
    for row in rows:
        body = orjson.loads(row.body)
        at = _at(row.at_ms)
        if row.kind in _SAID:
            label = f" [{words['note']}]" if row.kind == "note" else ""
            text = _words_of(row.kind, body).replace("\n", "\n    ")
            lines.append(f"{at} {row.sender_name or words['assistant']}{label}: {text}")
            lines.extend(
                f"{at} {row.sender_name}: [{words['file']}] {f['name']}" for f in body.get("attachments", [])
            )
        else:
            lines.append(f"{at} -- {_sentence(words, row.kind, body)} --")
    return "\n".join(lines) + "\n"


def as_html(rows: Sequence[LogEntry], locale: str) -> str:
    """A page of its own, without scripts; nothing anybody wrote is markup in it."""
    words = _TEXTS[locale]
    title = html.escape(words["title"])
    head = (
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1><p class='h'>{html.escape(words['zone'])}</p>"
    )
    parts = [head]
    for row in rows:
        body = orjson.loads(row.body)
        at = _at(row.at_ms)
        if row.kind in _SAID:
            note = " n" if row.kind == "note" else ""
            name = html.escape(row.sender_name or words["assistant"])
            label = f" · {html.escape(words['note'])}" if row.kind == "note" else ""
            files = "".join(
                f"<p>📎 {html.escape(f['name'])} ({f['size_bytes']} B)</p>"
                for f in body.get("attachments", [])
            )
            parts.append(
                f"<div class='m{note}'><div class='h'>{name}{label} · <time>{at}</time></div>"
                f"{message_html(_words_of(row.kind, body))}{files}</div>"
            )
        else:
            parts.append(f"<div class='s'>{html.escape(_sentence(words, row.kind, body))} · {at}</div>")
    return "".join(parts)


def _words_of(kind: str, body: dict[str, Any]) -> str:
    """What somebody, or self-service, said; what could be chosen stands as a list."""
    match kind:
        case "assisted":
            choices = [f"- {option['label']}" for option in body["options"]]
            return "\n\n".join(part for part in (body["text"], "\n".join(choices)) if part)
        case "chosen":
            return str(body["label"])
        case "filled":
            return "\n".join(f"{field['label']}: {field['value']}" for field in body["fields"])
        case _:
            return str(body["text"])


def _sentence(words: dict[str, str], kind: str, body: dict[str, Any]) -> str:
    agent = body.get("agent") or body.get("by") or {}
    return words[kind].format(
        agent=agent.get("name", ""), name=body.get("name", ""), contact=body.get("contact", "")
    )


def _at(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")

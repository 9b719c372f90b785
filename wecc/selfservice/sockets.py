"""Socket entry points: thin, one line of work each."""

from __future__ import annotations

from wecc.conversations.schemas import Appended
from wecc.infra.realtime.dispatcher import Context, Dispatcher
from wecc.selfservice import protocol as p
from wecc.selfservice import schemas as s
from wecc.selfservice.answering import Answering


def bind(dispatcher: Dispatcher, answering: Answering) -> None:
    """Bind every request of self-service's protocol."""

    async def choose(ctx: Context, cmd: s.Choose) -> Appended:
        return await answering.choose(ctx.actor, cmd)

    async def fill_form(ctx: Context, cmd: s.FillForm) -> Appended:
        return await answering.fill_form(ctx.actor, cmd)

    dispatcher.on(p.CHOOSE, choose)
    dispatcher.on(p.FILL_FORM, fill_form)

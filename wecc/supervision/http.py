"""HTTP entry points: whole routing plans, which may be larger than a socket's packet."""

from __future__ import annotations

from wecc.identity.http import Doorman
from wecc.infra.http import HttpServer
from wecc.supervision import schemas as s
from wecc.supervision.service import Supervision
from wecc.supervision.what_if import WhatIfs

_MAX_PLAN_BYTES = 2 * 1024 * 1024
"""About ten thousand agents."""


def bind(http: HttpServer, doorman: Doorman, supervision: Supervision, what_ifs: WhatIfs) -> None:
    """Serve supervision's HTTP operations."""

    async def read() -> s.PlanView:
        """The routing plan in force."""
        return await supervision.plan(await doorman.agent())

    async def check(cmd: s.CheckPlan) -> s.PlanCheck:
        """Whether an edited plan can be used, and what deserves a thought. Changes nothing."""
        return await supervision.check_plan(await doorman.agent(), cmd)

    async def save(cmd: s.SavePlan) -> s.PlanView:
        """Put a plan in force; `plan.invalid` or `plan.conflict` when it cannot be."""
        return await supervision.save_plan(await doorman.agent(), cmd)

    async def try_out(cmd: s.StartWhatIf) -> s.WhatIfChanged:
        """Replay a day's traffic under a plan and the one in force; `whatif:changed` tells how far it is."""
        return await what_ifs.start(await doorman.agent(), cmd)

    path = "/api/v1/routing/plan"
    http.route("GET", path, read, answers=s.PlanView)
    http.route("PUT", path, save, takes=s.SavePlan, answers=s.PlanView, max_bytes=_MAX_PLAN_BYTES)
    http.route(
        "POST", f"{path}/check", check, takes=s.CheckPlan, answers=s.PlanCheck, max_bytes=_MAX_PLAN_BYTES
    )
    http.route(
        "POST",
        "/api/v1/routing/what-ifs",
        try_out,
        takes=s.StartWhatIf,
        answers=s.WhatIfChanged,
        max_bytes=_MAX_PLAN_BYTES,
    )

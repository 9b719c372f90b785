"""The `wecc` command."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from wecc.infra import db, log
from wecc.processes.life import until_prepared, until_told_to_stop
from wecc.processes.supervisor import CannotStart, Supervisor
from wecc.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from wecc.demo.seed import SignIn

_CONFIG = Path("config/wecc.toml")


_OF_FEATURES = {
    "wecc.backup": ("backup", "restore", "doctor"),
    "wecc.bench": ("bench",),
    "wecc.knowledge.command": ("kb",),
    "wecc.rush": ("rush",),
    "wecc.simulation": ("simulate",),
}
"""Who brings which commands."""


def main() -> None:
    """Run one subcommand; a problem the caller can mend is one sentence and exit code 2."""
    # What is loaded stays: looking through it again and again for garbage takes a sixth of the start.
    gc.set_threshold(50_000)
    arguments = _parser(_command()).parse_args()
    try:
        settings = load(arguments.config)
        log.configure(arguments.process, settings.log.level, settings.log.form)
        arguments.run(arguments, settings)
    except (SettingsError, CannotStart, db.RestoreUnfinished) as error:
        print(f"wecc: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _command() -> str:
    """What stands in the command's place."""
    finding = argparse.ArgumentParser(add_help=False)
    finding.add_argument("--config")
    finding.add_argument("command", nargs="?", default="")
    command: str = finding.parse_known_args()[0].command
    return command


def _parser(command: str) -> argparse.ArgumentParser:
    """Commands of features are loaded for the one that is asked for, and all of them for the list."""
    parser = argparse.ArgumentParser(prog="wecc", description="A web-enabled contact center.")
    parser.add_argument(
        "--config", type=Path, default=_CONFIG, help="settings file (default: config/wecc.toml)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run everything here")
    serve.add_argument(
        "--demo", action="store_true", help="add the sample operator's site, data and sign-ins"
    )
    serve.add_argument("--reload", action="store_true", help="restart when a source file changes")
    serve.set_defaults(run=_serve, process="serve")

    one_web = commands.add_parser("web", help="run one web process")
    one_web.add_argument("--fd", type=int, help="listening socket to inherit")
    one_web.set_defaults(run=_web, process="web")

    one_jobs = commands.add_parser("jobs", help="run one jobs process")
    one_jobs.set_defaults(run=_jobs, process="jobs")

    one_search = commands.add_parser("search", help="run the search process of this node")
    one_search.set_defaults(run=_search, process="search")

    site = commands.add_parser("demo-site", help="run the sample operator's site")
    site.add_argument("--fd", type=int, help="listening socket to inherit")
    site.set_defaults(run=_demo_site, process="demo site")

    migrate = commands.add_parser("migrate", help="bring the database's schema up to date")
    migrate.set_defaults(run=lambda _, s: asyncio.run(_migrate(s)), process="migrate")

    new = commands.add_parser("seed", help="create a center and its first administrator")
    new.add_argument("center", help="short name, for example gd")
    new.add_argument("--name", required=True, help="the center's name")
    new.add_argument("--site", action="append", default=[], help="origin that embeds the widget; repeatable")
    new.add_argument("--admin", default="admin", help="the administrator's login")
    new.set_defaults(run=lambda a, s: asyncio.run(_seed(a, s)), process="seed")

    protocol = commands.add_parser("protocol", help="write docs/PROTOCOL.md and the TypeScript types")
    protocol.add_argument("--check", action="store_true", help="only tell whether they are up to date")
    protocol.set_defaults(run=_protocol, process="protocol")

    is_known = command in {*commands.choices, *chain.from_iterable(_OF_FEATURES.values())}
    for module, names in _OF_FEATURES.items():
        if command in names or not is_known:
            import_module(module).add_parser(commands)
    return parser


def _serve(arguments: argparse.Namespace, settings: Settings) -> None:
    sign_ins: list[SignIn] = []

    async def prepare() -> None:
        if arguments.demo:
            from wecc.demo.seed import seed
            from wecc.security import Passwords

            await db.connect(settings.data)
            passwords = Passwords()
            try:
                sign_ins.extend(await seed(settings, passwords))
            finally:
                passwords.close()
                await db.close()

    def announce() -> None:
        print(_welcome(settings, sign_ins), flush=True)

    supervisor = Supervisor(settings, arguments.config if arguments.config.exists() else None)
    asyncio.run(
        supervisor.run(
            is_demo=arguments.demo, is_reloading=arguments.reload, prepare=prepare, announce=announce
        )
    )


def _welcome(settings: Settings, sign_ins: list[SignIn]) -> str:
    from wecc.demo import CENTER, CUSTOMERS

    origin = settings.web.origin
    console = f"{origin}/console" + (f"?center={CENTER}" if sign_ins else "")
    lines = ["", "  WECC is running.", "", f"  Console       {console}"]
    if sign_ins:
        host, port = settings.web.host, settings.demo.port
        lines += [
            f"  Sample site   http://{host}:{port}",
            f"  Help page     {origin}/help/{CENTER}",
            "",
            f"  Console sign-ins (center {CENTER}):",
        ]
        lines += [f"    {s.login}  {s.password}  {s.name}  {s.role}" for s in sign_ins]
        lines += [
            "",
            f"  On the sample site, 我的账户 / My account has {len(CUSTOMERS)} customers of all tiers.",
        ]
    lines += ["", "  Stop with Ctrl-C.", ""]
    return "\n".join(lines)


def _web(arguments: argparse.Namespace, settings: Settings) -> None:
    from wecc.processes import web

    until_prepared()
    web.run(settings, arguments.fd)


def _jobs(_: argparse.Namespace, settings: Settings) -> None:
    from wecc.processes import jobs

    until_prepared()
    jobs.run(settings)


def _search(_: argparse.Namespace, settings: Settings) -> None:
    from wecc.processes import search

    until_prepared()
    search.run(settings)


def _demo_site(arguments: argparse.Namespace, settings: Settings) -> None:
    from wecc.demo import CENTER, read_key
    from wecc.demo.site import build_site
    from wecc.processes import asgi

    until_prepared()
    site = build_site(settings.web.origin, CENTER, read_key(settings))
    bind = f"fd://{arguments.fd}" if arguments.fd is not None else f"{settings.web.host}:{settings.demo.port}"
    asgi.run(site, bind, until_told_to_stop)


async def _migrate(settings: Settings) -> None:
    settings.data.folder.mkdir(parents=True, exist_ok=True)
    await db.migrate(settings.data)
    print("The database is up to date.")


async def _seed(arguments: argparse.Namespace, settings: Settings) -> None:
    from wecc.identity import Identity
    from wecc.identity.seeding import NewCenter
    from wecc.kernel.actor import Role
    from wecc.kernel.clock import SystemClock
    from wecc.kernel.ids import CenterId, new_token
    from wecc.knowledge.seeding import set_up_targets
    from wecc.routing.seeding import NewAgent, set_up_center
    from wecc.security import Passwords
    from wecc.selfservice import seed_flows

    settings.data.folder.mkdir(parents=True, exist_ok=True)
    await db.migrate(settings.data)
    await db.connect(settings.data)
    passwords = Passwords()
    try:
        center = CenterId(arguments.center)
        new = NewCenter(
            id=center,
            name_zh=arguments.name,
            name_en=arguments.name,
            greeting_zh="您好！请直接告诉我们您需要什么帮助。",
            greeting_en="Hello! Tell us what you need, just as you would say it.",
            default_tier="other",
            site_origins=tuple(arguments.site),
        )
        everyone = ("vip", "group_key", "roaming", "group_member", "signed", "prepaid", "szx", "other")
        groups = {"everyone": ("全体座席", "All agents", everyone)}
        password = new_token()[:16]
        admin = NewAgent(arguments.admin, arguments.admin, Role.ADMINISTRATOR, ("everyone",), password)
        clock = SystemClock()
        added = await set_up_center(settings, clock, passwords, new, groups, [admin])
        identity = Identity(clock, settings.sign_in, passwords)
        await set_up_targets(clock, identity, center)
        await seed_flows(clock, identity, center)
        if added:
            print(f"Center {center} is ready. Administrator: {arguments.admin}  Password: {password}")
        else:
            print(f"Center {center} is ready. The administrator {arguments.admin} was there already.")
    finally:
        passwords.close()
        await db.close()


def _protocol(arguments: argparse.Namespace, _: Settings) -> None:
    from wecc import contract

    stale = [p for p, text in contract.documents().items() if not p.exists() or p.read_text("utf-8") != text]
    if arguments.check:
        if stale:
            print(f"Run `make protocol`: {', '.join(map(str, stale))} is not up to date.", file=sys.stderr)
            sys.exit(1)
        return
    for path, text in contract.documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

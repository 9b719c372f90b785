"""Typed settings: `config/wecc.toml`, then the environment.

`WECC_<SECTION>__<KEY>` overrides a key; `DATABASE_URL` and `REDIS_URL` are understood as they are everywhere.
An unknown key or a bad value stops the start with the key's full name. Secrets come from the environment or
from files only.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError


class SettingsError(Exception):
    """The settings cannot be used; the text says which key and why."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(_Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    public_url: str = ""
    """Where browsers reach the center, scheme and host; empty: `http://host:port`."""
    trusts_proxy: bool = False
    """Take the client's address from the last X-Forwarded-For entry (only behind a proxy that sets it)."""
    max_connections: Annotated[int, Field(ge=1)] = 20_000
    """Sockets one worker accepts; more are told to come back."""

    @property
    def origin(self) -> str:
        """The center's own origin, as browsers write it."""
        if not self.public_url:
            return f"http://{self.host}:{self.port}"
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def origins(self) -> frozenset[str]:
        """Origins a browser may write for it: on one's own machine both of its names."""
        if self.public_url or self.host not in ("127.0.0.1", "localhost"):
            return frozenset({self.origin})
        return frozenset({f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"})

    @property
    def is_https(self) -> bool:
        return self.origin.startswith("https://")


class Data(_Section):
    folder: Path = Path("var")
    database_url: str = ""
    """`postgres://…`; empty: SQLite in the data folder."""
    redis_url: str = ""
    """`redis://…`, `rediss://…` or `unix://…`; empty: the embedded Valkey."""
    max_attachment_bytes: Annotated[int, Field(ge=1024)] = 10 * 1024 * 1024

    @property
    def is_embedded_redis(self) -> bool:
        return not self.redis_url

    @property
    def is_sqlite(self) -> bool:
        return not self.database_url


class SignIn(_Section):
    """Source: 3.4.1-04, 3.4.1-05."""

    max_failures: Annotated[int, Field(ge=1, le=10)] = 3
    lock_s: Annotated[int, Field(ge=1)] = 900
    session_s: Annotated[int, Field(ge=60)] = 12 * 3600
    visitor_session_s: Annotated[int, Field(ge=60)] = 30 * 24 * 3600
    failures_per_address_per_minute: Annotated[int, Field(ge=1)] = 30


class Routing(_Section):
    """What a new center's routing plan starts with; `unstable_after_s` and `gone_after_s` hold everywhere."""

    offer_timeout_s: Annotated[int, Field(ge=3, le=600)] = 20
    max_misses: Annotated[int, Field(ge=1, le=20)] = 3
    wrap_up_s: Annotated[int, Field(ge=0, le=3600)] = 30
    policy: Literal["gap", "gap_live", "vip_strict", "fifo"] = "gap"
    unstable_after_s: Annotated[int, Field(ge=1)] = 15
    gone_after_s: Annotated[int, Field(ge=2)] = 45


class Limits(_Section):
    """Rates a single party may reach; above them requests are refused, far above the socket is closed."""

    requests_per_s: Annotated[float, Field(gt=0)] = 20
    requests_burst: Annotated[int, Field(ge=1)] = 60
    handshakes_per_address_per_s: Annotated[float, Field(gt=0)] = 20
    handshakes_burst: Annotated[int, Field(ge=1)] = 200
    visitors_per_address_per_minute: Annotated[int, Field(ge=1)] = 60
    uploads_per_minute: Annotated[int, Field(ge=1)] = 30
    reads_per_address_per_minute: Annotated[int, Field(ge=1)] = 6000
    """Requests to the knowledge base; a whole office may share an address."""


def _listed(value: object) -> object:
    """A list may be written in one line of the environment, separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Knowledge(_Section):
    """The knowledge base: its index and where articles may be published to. Source: 3.2.2-05, 12."""

    engine: Literal["whoosh", "fts5"] = "whoosh"
    """`fts5` from about 10,000 articles on."""
    index_folder: Path = Path("knowledge_index")
    """A copy of what the database says: may be deleted at any time, belongs to one installation."""
    has_encoder: bool = True
    """Use the sentence encoder where it is installed."""
    target_folders: Annotated[tuple[Path, ...], BeforeValidator(_listed)] = ()
    """Below these, and below `kb-targets` in the data folder, directories may be published to."""
    target_hosts: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """Servers that may be published to, as `host` or `host:port`. What they ask for is in `kb-secrets` in the data
    folder: a file `<center>/<target>` with `Bearer TOKEN` or `Basic USER:PASSWORD`."""


class Demo(_Section):
    """The sample operator's site of `wecc serve --demo`."""

    port: Annotated[int, Field(ge=1, le=65535)] = 8001


class Log(_Section):
    level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    form: Annotated[str, Field(pattern="^(text|json)$")] = "text"


class Settings(_Section):
    web: Web = Web()
    data: Data = Data()
    sign_in: SignIn = SignIn()
    routing: Routing = Routing()
    limits: Limits = Limits()
    log: Log = Log()
    knowledge: Knowledge = Knowledge()
    demo: Demo = Demo()
    tiers_file: Path = Path("config/tiers.toml")
    static_folder: Path = Path("static")


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file (if given and there) and the environment.

    Raises: SettingsError naming the key in full, for people.
    """
    environment = os.environ if environment is None else environment
    raw: dict[str, Any] = {}
    if file is not None and file.exists():
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{file} cannot be read: {error}") from error
    for key, target in (("DATABASE_URL", "database_url"), ("REDIS_URL", "redis_url")):
        if environment.get(key):
            raw.setdefault("data", {})[target] = environment[key]
    for key, value in environment.items():
        if key.startswith("WECC_"):
            _put(raw, key, value)
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(f"unknown setting {name}") from error
        raise SettingsError(f"setting {name}: {first['msg'].lower()}") from error


def _put(raw: dict[str, Any], key: str, value: str) -> None:
    path = key.removeprefix("WECC_").lower().split("__")
    place = raw
    for part in path[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise SettingsError(f"unknown setting {'.'.join(path)} (from {key})")
    place[path[-1]] = value

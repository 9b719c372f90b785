"""HTTP: routes with declared schemas, one mapping of errors, OpenAPI from the same declarations."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import orjson
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema
from quart import Quart, Request, Response, request
from werkzeug.exceptions import HTTPException

from wecc.infra.wire import Query, Wire, field_errors, is_id
from wecc.kernel.errors import Forbidden, Internal, InvalidInput, NotFound, TooLarge, Unavailable, WeccError
from wecc.kernel.ids import new_id

log = logging.getLogger(__name__)

T = TypeVar("T", bound=Wire)
Q = TypeVar("Q", bound=Query)

_DEADLINE_S = 15.0
MAX_JSON_BYTES = 64 * 1024

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Route:
    """A described operation. `answers` None: no JSON content."""

    method: str
    path: str
    summary: str
    takes: type[Wire] | None
    answers: type[Wire] | None
    asks: type[Query] | None


class HttpServer:
    """The Quart application and the list of its described routes."""

    def __init__(self, origins: Collection[str], max_body_bytes: int) -> None:
        self.quart = Quart("wecc", static_folder=None)
        self.quart.config["MAX_CONTENT_LENGTH"] = max_body_bytes
        self.quart.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        self._origins = origins
        self._routes: list[Route] = []
        self.quart.register_error_handler(WeccError, problem)
        self.quart.register_error_handler(HTTPException, _http_problem)
        self.quart.register_error_handler(Exception, _unexpected)
        self.quart.before_request(self._check_origin)
        self.quart.after_request(_secure)

    def route(
        self,
        method: str,
        path: str,
        handler: Callable[..., Awaitable[Wire | Response | None]],
        *,
        takes: type[Wire] | None = None,
        answers: type[Wire] | None = None,
        asks: type[Query] | None = None,
        max_bytes: int = MAX_JSON_BYTES,
    ) -> None:
        """Serve `handler(command or query?, **path arguments)`; its docstring's first line is the summary.

        `takes` is the body's schema and `max_bytes` bounds it; `asks` is the schema of what stands after `?`.
        """
        summary = (handler.__doc__ or "").strip().splitlines()
        self._routes.append(Route(method, path, summary[0] if summary else "", takes, answers, asks))

        async def view(**arguments: str) -> Response:
            if not all(map(is_id, arguments.values())):
                raise NotFound
            async with asyncio.timeout(_DEADLINE_S):
                if takes is not None:
                    answer = await handler(await read_json(request, takes, max_bytes), **arguments)
                elif asks is not None:
                    answer = await handler(read_query(request, asks), **arguments)
                else:
                    answer = await handler(**arguments)
            if isinstance(answer, Response):
                return answer
            if answer is None:
                return Response(status=204)
            return json_response(answer.model_dump(), 200)

        endpoint = f"{method} {path}"
        self.quart.add_url_rule(path, endpoint, view, methods=[method])

    async def _check_origin(self) -> None:
        """Requests that change something come from our own pages only."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        origin = request.headers.get("Origin")
        # A bearer token is never sent by a browser on its own, so cross-site requests cannot carry one.
        if origin is None and request.headers.get("Authorization", "").startswith("Bearer "):
            return
        if origin not in self._origins:
            raise Forbidden("This request comes from another site.")

    def openapi(self) -> dict[str, Any]:
        """The described routes as OpenAPI 3.1."""
        models = {m for r in self._routes for m in (r.takes, r.answers) if m is not None}
        _, schema = models_json_schema(
            [(m, "validation") for m in sorted(models, key=lambda m: m.__name__)],
            ref_template="#/components/schemas/{model}",
        )
        paths: dict[str, dict[str, Any]] = {}
        for r in self._routes:
            path = r.path.replace("<", "{").replace(">", "}")
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            operation: dict[str, Any] = {
                "summary": r.summary,
                "parameters": [
                    {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
                ],
                "responses": {
                    "default": {
                        "description": "Problem details (RFC 9457)",
                        "content": {"application/problem+json": {"schema": {"type": "object"}}},
                    }
                },
            }
            if r.asks:
                operation["parameters"] += _parameters(r.asks)
            if r.takes:
                operation["requestBody"] = {"required": True, "content": _content(r.takes)}
            if r.answers:
                operation["responses"]["200"] = {"description": "OK", "content": _content(r.answers)}
            else:
                operation["responses"]["204"] = {"description": "Done"}
            paths.setdefault(path, {})[r.method.lower()] = operation
        return {
            "openapi": "3.1.0",
            "info": {"title": "WECC", "version": "1"},
            "paths": paths,
            "components": {"schemas": schema.get("$defs", {})},
        }


def _content(model: type[Wire]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}


def _parameters(model: type[Query]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


def read_query(source: Request, schema: type[Q]) -> Q:
    """What stands after `?` as `schema`. Raises: InvalidInput with the fields at fault."""
    try:
        return schema.model_validate(source.args.to_dict())
    except ValidationError as error:
        raise InvalidInput(fields=field_errors(error)) from error


async def read_json(source: Request, schema: type[T], max_bytes: int = MAX_JSON_BYTES) -> T:
    """The request's body as `schema`.

    Raises: TooLarge, InvalidInput with the fields at fault.
    """
    if source.content_length is not None and source.content_length > max_bytes:
        raise TooLarge(limit=max_bytes)
    if source.mimetype != "application/json":
        raise InvalidInput(fields={"Content-Type": "application/json is expected"})
    raw = await source.body
    if len(raw) > max_bytes:
        raise TooLarge(limit=max_bytes)
    try:
        return schema.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(fields={"": "not valid JSON"}) from error
    except ValidationError as error:
        raise InvalidInput(fields=field_errors(error)) from error


def json_response(content: object, status: int, media_type: str = "application/json") -> Response:
    body = orjson.dumps(content)
    response = Response(body, status=status, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def as_file(response: Response, name: str, how: Literal["inline", "attachment"]) -> None:
    """Serve a person's file so that nothing in it runs; `inline` for images only."""
    plain = "".join(ch if ch.isascii() and ch.isprintable() and ch not in '"\\' else "_" for ch in name)
    disposition = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Disposition"] = disposition
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"


async def problem(error: WeccError) -> Response:
    """RFC 9457."""
    content = {
        "type": f"urn:wecc:{error.code}",
        "title": error.message,
        "status": error.status,
        "code": error.code,
        "retryable": error.retryable,
        "data": error.data,
    }
    response = json_response(content, error.status, "application/problem+json")
    if "retry_after_s" in error.data:
        response.headers["Retry-After"] = str(max(1, round(float(str(error.data["retry_after_s"])))))
    return response


_HTTP_CODES = {404: "request.not_found", 405: "request.unknown", 413: "request.too_large"}


async def _http_problem(error: HTTPException) -> Response:
    status = error.code or 500
    shown = WeccError(error.name)
    shown.__dict__.update(code=_HTTP_CODES.get(status, "request.invalid"), status=status)
    return await problem(shown)


async def _unexpected(error: Exception) -> Response:
    if isinstance(error, TimeoutError):
        return await problem(Unavailable())
    reference = new_id()[:12]
    log.error("request.failed", exc_info=error, extra={"path": request.path, "reference": reference})
    return await problem(Internal(reference=reference))


async def _secure(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response

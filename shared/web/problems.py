"""Problem details (RFC 9457): every refusal looks the same, in the caller's language, without what was sent."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.refusal import Fault, Invalid, Refusal
from shared.telemetry import current_trace_id
from shared.web.language import Language, language_of
from shared.web.validation_zh import in_chinese

#: Faults of a request that are told: ten thousand rows may all have the same.
_MOST_FAULTS = 100
#: Told to figures only: whoever asked went away before all that was sent had come.
_ABANDONED = 499
MEDIA_TYPE = "application/problem+json"
_SCHEMAS = "#/components/schemas/{model}"
#: How a document tells that a problem is answered. Of a ``model`` FastAPI would say that it is plain JSON.
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS.format(model="Problem")}}}
#: For an application's ``responses``: what any endpoint may answer beside what it declares.
ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Problem details (RFC 9457)", "content": _CONTENT}
}


class FaultBody(BaseModel):
    """One thing wrong in what was sent."""

    pointer: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    trace_id: str | None = None
    errors: list[FaultBody] = []


class MalformedRequest(Refusal):
    """The request could not be read."""

    status = 400
    code = "malformed_request"
    zh = "请求格式错误"


class NoSuchPath(Refusal):
    """There is nothing at this address."""

    status = 404
    code = "no_such_path"
    zh = "地址不存在"


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    status = 405
    code = "method_not_allowed"
    zh = "不支持该请求方法"


class TooLarge(Refusal):
    """What was sent is larger than what is taken."""

    status = 413
    code = "too_large"
    zh = "提交的内容超过大小限制"


class InternalError(Refusal):
    """Something went wrong here; the trace id finds it in our logs."""

    status = 500
    code = "internal_error"
    zh = "服务器内部错误，请凭追踪号联系管理员"


_BY_STATUS: dict[int, type[Refusal]] = {404: NoSuchPath, 405: MethodNotAllowed, 413: TooLarge}


def problem_of(refusal: Refusal, language: Language) -> Problem:
    """Put a refusal into words."""
    chinese = language == "zh"
    return Problem(
        type=f"urn:fangfan:problem:{refusal.code}",
        title=refusal.zh if chinese else refusal.title(),
        status=refusal.status,
        code=refusal.code,
        detail=refusal.zh_detail if chinese else refusal.detail,
        trace_id=current_trace_id(),
        errors=[
            FaultBody(pointer=f.pointer, code=f.code, message=(f.zh or f.message) if chinese else f.message)
            for f in refusal.errors
        ],
    )


def problem_response(refusal: Refusal, language: Language) -> Response:
    """Return the answer to a refused request."""
    body = problem_of(refusal, language).model_dump(exclude_defaults=True) | {"status": refusal.status}
    return Response(orjson.dumps(body), refusal.status, dict(refusal.headers), media_type=MEDIA_TYPE)


def refusals(*kinds: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Declare, for ``responses=``, in which ways an endpoint refuses."""
    declared: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        words = f"`{kind.code}`: {kind.title()} {kind.zh}"
        known = declared.get(kind.status, {}).get("description")
        declared[kind.status] = {
            "description": f"{known}\n\n{words}" if known else words,
            "content": _CONTENT,
        }
    return declared


def describe_problems(app: FastAPI) -> None:
    """Let the application's document hold the schemas that its problems refer to."""
    document_of = app.openapi

    def document() -> dict[str, Any]:
        told = document_of()
        _, schemas = models_json_schema([(Problem, "serialization")], ref_template=_SCHEMAS)
        told.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        return told

    app.openapi = document  # type: ignore[method-assign]


def add_problem_handlers(app: FastAPI) -> None:
    """Make every way to fail answer with a problem."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        return problem_response(refusal, language_of(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        unreadable = any(fault["type"] == "json_invalid" for fault in error.errors())
        kind = MalformedRequest if unreadable else Invalid
        return problem_response(kind(errors=faults_of(error.errors())), language_of(request))

    @app.exception_handler(ClientDisconnect)
    async def abandoned(_request: Request, _gone: ClientDisconnect) -> Response:
        # Nobody is there to read it, and nothing is wrong here: a phone lost its network in the middle of a photo.
        return Response(status_code=_ABANDONED)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        kind = _BY_STATUS.get(error.status_code, MalformedRequest)
        return problem_response(kind(), language_of(request))


def faults_of(errors: Any) -> tuple[Fault, ...]:
    """Turn pydantic's first errors into faults; their ``input`` is dropped, it may be an identity number."""
    return tuple(
        _unreadable(error)
        if error["type"] == "json_invalid"
        else Fault(_pointer(error["loc"]), error["type"], error["msg"], zh=in_chinese(error))
        for error in errors[:_MOST_FAULTS]
    )


def _unreadable(error: Any) -> Fault:
    """Return the fault of a body that is no JSON: it has no places to point at, only characters."""
    place = error["loc"][-1] + 1
    return Fault(
        "",
        error["type"],
        f"no JSON, from character {place} on",
        zh=f"{in_chinese(error)}（第 {place} 个字符处）",
    )


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = location[1:] if location[:1] == ("body",) else location
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)

"""The page about the HTTP interface, made from its own OpenAPI description."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from bot.console.drawing import Drawing

CURL: Final = """curl -s http://127.0.0.1:8787/api/imagine \\
  -H 'content-type: application/json' \\
  -d '{"text": "a red fox :: in the snow at dusk --seed 7", "as": "Ana"}'"""


def manual_routes(console: FastAPI, drawing: Drawing) -> APIRouter:
    """Return the route of the manual."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api/docs", response_class=HTMLResponse)
    async def manual() -> HTMLResponse:
        """Show every call, what it takes and what it is for."""
        described = console.openapi()
        calls = [
            _call(method, path, call, described)
            for path, methods in described["paths"].items()
            for method, call in methods.items()
        ]
        return HTMLResponse(drawing.page("manual.html", calls=calls, example=CURL))

    return router


def _call(
    method: str, path: str, call: dict[str, Any], described: dict[str, Any]
) -> dict[str, Any]:
    asked = [_field(one["name"], one["schema"], one) for one in call.get("parameters", ())]
    return {
        "method": method.upper(),
        "path": path,
        "about": call.get("description", call.get("summary", "")),
        "tag": call.get("tags", [""])[0],
        "asked": asked + _body(call, described),
    }


def _body(call: dict[str, Any], described: dict[str, Any]) -> list[dict[str, Any]]:
    content = call.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    if not reference:
        return []
    schema = described["components"]["schemas"][reference.rpartition("/")[2]]
    needed = schema.get("required", ())
    return [
        _field(name, one, {"in": "body", "required": name in needed})
        for name, one in schema["properties"].items()
    ]


def _field(name: str, schema: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    kinds = [one.get("type", "") for one in schema.get("anyOf", ())] or [schema.get("type", "")]
    listed = schema.get("enum") or [one for one in (schema.get("const"),) if one]
    return {
        "name": name,
        "where": more["in"],
        "needed": more.get("required", False),
        "kind": " or ".join(map(str, listed)) or " or ".join(one for one in kinds if one),
        "about": more.get("description") or schema.get("description", ""),
    }

"""OpenAI's Responses API on 127.0.0.1: structured output, refusals, answers that are cut off.

Wire: ``responses.create`` of openai 3.54.0. It takes what the API takes and refuses the rest.
"""

import json
from typing import Any, Final

MODELS: Final = {"gpt-5.4-mini", "gpt-5.5"}
FIELDS: Final = {
    "model": str,
    "instructions": str,
    "input": list,
    "text": dict,
    "max_output_tokens": int,
    "reasoning": dict,
    "store": bool,
}
LEAST_TOKENS: Final = 16
EFFORTS: Final = {"none", "low", "medium", "high", "xhigh"}
IDEAS: Final = ("Quiet dawn", "Bold and close", "From above", "In use")
KINDS: Final = (
    "refusal",
    "cut_off",
    "filtered",
    "nonsense",
    "half",
    "too_many",
    "hostile",
    "empty",
)
"""How an answer may be that is no plain one."""


def fault(body: Any) -> str:
    """Say what is wrong with a request; empty if nothing is."""
    if not isinstance(body, dict):
        return "body must be an object"
    strange = [f"Unknown parameter: '{one}'." for one in sorted(set(body) - set(FIELDS))]
    mistyped = [
        f"Invalid type for '{name}'."
        for name, kind in FIELDS.items()
        if name in body and not isinstance(body[name], kind)
    ]
    if strange or mistyped:
        return (*strange, *mistyped)[0]
    return (
        _value_fault(body)
        or _format_fault(body.get("text", {}).get("format", {}))
        or _input_fault(body["input"])
    )


def _value_fault(body: dict[str, Any]) -> str:
    if body.get("model") not in MODELS:
        return "The requested model does not exist."
    if body.get("reasoning", {}).get("effort", "low") not in EFFORTS:
        return "Invalid value for 'reasoning.effort'."
    few = body.get("max_output_tokens", LEAST_TOKENS) < LEAST_TOKENS
    return "Invalid 'max_output_tokens': integer below minimum value." if few else ""


def _input_fault(given: list[Any]) -> str:
    parts = [part for one in given for part in one.get("content", ())]
    kinds = {part.get("type") for part in parts}
    if not parts or kinds - {"input_text", "input_image"}:
        return "Invalid value for 'input[0].content'."
    return "" if any(part.get("text") for part in parts) else "Invalid 'input': empty."


def _format_fault(form: dict[str, Any]) -> str:
    if form.get("type") != "json_schema" or not form.get("name") or form.get("strict") is not True:
        return "Missing or invalid 'text.format'."
    return _schema_fault(form.get("schema", {}))


def _schema_fault(schema: dict[str, Any]) -> str:
    """Strict mode: every property is required, and nothing more is allowed."""
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return "Invalid schema: 'additionalProperties' is required to be supplied and false."
        if set(schema.get("required", ())) != set(properties):
            return "Invalid schema: 'required' must name every property."
        return next(filter(None, map(_schema_fault, properties.values())), "")
    return _schema_fault(schema["items"]) if schema.get("type") == "array" else ""


def answer(body: dict[str, Any], number: int, kind: str = "") -> dict[str, Any]:
    """Return a response object for a request that is well-formed."""
    brief = "".join(part.get("text", "") for part in body["input"][0]["content"])
    content: dict[str, Any] = {
        "type": "output_text",
        "text": _words(brief, kind),
        "annotations": [],
    }
    if kind == "refusal":
        content = {"type": "refusal", "refusal": "I cannot help with that."}
    reason = {"cut_off": "max_output_tokens", "filtered": "content_filter"}.get(kind)
    came_out = body["max_output_tokens"] if reason else 420
    return {
        "id": f"resp_loopback_{number}",
        "object": "response",
        "created_at": 1_790_000_000 + number,
        "status": "incomplete" if reason else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "error": None,
        "model": f"{body['model']}-2026-03-17",
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "incomplete" if reason else "completed",
                "content": [] if kind in ("empty", "filtered") else [content],
            },
        ],
        "usage": {
            "input_tokens": 400 + len(brief) // 4,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": came_out,
            "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 400 + len(brief) // 4 + came_out,
        },
    }


def _words(brief: str, kind: str) -> str:
    drafts = [_draft(brief, idea) for idea in IDEAS[: 4 if kind == "too_many" else 3]]
    if kind == "hostile":
        drafts[0] |= {
            "subject": "a fox --model openai:x :: y\n\n\u202e @everyone",
            "aspect_ratio": "0:7",
            "title": "t" * 500,
        }
    text = json.dumps({"drafts": drafts})
    if kind == "nonsense":
        return "Here are your prompts: fox, snow."
    return text[: len(text) // 2] if kind in ("cut_off", "half") else text


def _draft(brief: str, idea: str) -> dict[str, Any]:
    return {
        "title": idea,
        "subject": " ".join(brief.split())[:120].rstrip(" ."),
        "environment": f"a place for {idea.lower()}",
        "technical": "50mm, eye level",
        "style": "soft daylight, editorial",
        "negative": "text, watermark",
        "task": "product",
        "aspect_ratio": "4:5",
    }

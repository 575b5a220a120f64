"""Prompts from a brief, over OpenAI's Responses API: structured output, stored nowhere.

Source: ``responses.create`` of openai 3.54.0, and its guide to structured outputs, 2026-11.
"""

import re
from typing import Annotated, Any, Final

import httpx2
import openai
from pydantic import BaseModel, Field, ValidationError

from domain.draft import MAX_DRAFTS, Draft, Drafted, Writing
from domain.spec import SEGMENTS, TASKS, Segment, SegmentName, Segments
from providers.openai.faults import told

MAX_ANSWER_BYTES: Final = 1024 * 1024
MAX_SEGMENT_CHARS: Final = 600
MAX_TITLE_CHARS: Final = 60
CONNECT_S: Final = 5.0
API_URL: Final = "https://api.openai.com/v1"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
RATIO: Final = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")
CUT: Final = "max_output_tokens"
TEXT: Final = {"type": "string"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "drafts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "title": TEXT,
                    **dict.fromkeys(SEGMENTS, TEXT),
                    "task": {"type": "string", "enum": list(TASKS)},
                    "aspect_ratio": {"type": ["string", "null"]},
                },
                "required": ["title", *SEGMENTS, "task", "aspect_ratio"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["drafts"],
    "additionalProperties": False,
}
"""In strict mode every field is required, and nothing else is allowed."""


class Usage(BaseModel):
    """The tokens that are billed."""

    input_tokens: Annotated[int, Field(ge=0, le=10**8)]
    output_tokens: Annotated[int, Field(ge=0, le=10**8)]


class Part(BaseModel):
    """Some of what the model said: words, or why it says none."""

    type: str
    text: str = ""
    refusal: str = ""


class Item(BaseModel):
    """One item of the output; only messages have content."""

    type: str
    content: list[Part] | None = None


class Why(BaseModel):
    """Why an answer is not whole."""

    reason: str = ""


class Answer(BaseModel):
    """A response; what we do not use is not looked at."""

    status: str = "completed"
    model: str | None = None
    output: list[Item]
    incomplete_details: Why | None = None
    usage: Usage | None = None

    @property
    def words(self) -> str:
        """All text of the answer."""
        return "".join(part.text for part in self._parts() if part.type == "output_text")

    @property
    def refusal(self) -> str:
        """Why the model says nothing; empty if it did not refuse."""
        return " ".join(part.refusal for part in self._parts() if part.type == "refusal")

    def _parts(self) -> list[Part]:
        return [part for item in self.output for part in item.content or ()]


class _Told(BaseModel):
    title: str
    subject: str
    environment: str
    technical: str
    style: str
    negative: str
    task: str
    aspect_ratio: str | None


class _Written(BaseModel):
    drafts: list[_Told]


class OpenAIWriter:
    """Writes prompts; it never tries anything twice."""

    def __init__(self, api_key: str, writing: Writing, *, base_url: str = "") -> None:
        self.writing = writing
        address = base_url.rstrip("/") or API_URL
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=address,
            max_retries=0,
            timeout=httpx2.Timeout(writing.timeout_s, connect=CONNECT_S),
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False, trust_env=httpx2.URL(address).host not in LOOPBACK
            ),
        )
        self._responses = self._client.responses.with_streaming_response

    def payload(self, brief: str) -> dict[str, Any]:
        """Return the body of the one call."""
        asked = f"Write {self.writing.alternatives} alternatives."
        return {
            "model": self.writing.model.partition(":")[2],
            "instructions": f"{self.writing.instructions.strip()}\n{asked}",
            "input": [{"role": "user", "content": [{"type": "input_text", "text": brief}]}],
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "prompts",
                    "strict": True,
                    "schema": SCHEMA,
                }
            },
            "max_output_tokens": self.writing.max_output_tokens,
            "reasoning": {"effort": self.writing.reasoning_effort},
            "store": False,
        }

    async def write(self, brief: str) -> Drafted:
        """Write prompts; a refusal and an answer that was cut off cost what they cost."""
        with told(self.writing.model):
            async with self._responses.create(**self.payload(brief)) as reply:
                text = bytearray()
                async for chunk in reply.iter_bytes():
                    text += chunk
                    if len(text) > MAX_ANSWER_BYTES:
                        raise ValueError(f"more than {MAX_ANSWER_BYTES} bytes")
                request_id = reply.request_id
            answer = _answer(bytes(text))
        return _drafted(answer, self.writing, request_id)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()


def _answer(text: bytes) -> Answer:
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:  # its own words would repeat the answer
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise ValueError(f"not an answer with words: {where or 'the whole'}") from None


def _drafted(answer: Answer, writing: Writing, request_id: str | None) -> Drafted:
    found = _drafts(answer)[: writing.alternatives]
    return Drafted(
        drafts=tuple(found),
        refused="" if found else _refused(answer, writing),
        hint="" if found else _hint(answer),
        cost_usd=_cost_usd(answer, writing),
        model_version=answer.model,
        request_id=request_id,
    )


def _drafts(answer: Answer) -> list[Draft]:
    try:
        told = _Written.model_validate_json(answer.words).drafts[:MAX_DRAFTS]
    except ValidationError:
        return []
    return [draft for one in told if (draft := _draft(one)).segments.brief]


def _draft(told: _Told) -> Draft:
    texts = {name: Segment(text=_said(told, name)) for name in SEGMENTS}
    ratio = RATIO.fullmatch(told.aspect_ratio or "")
    return Draft(
        title=_short(told.title, MAX_TITLE_CHARS),
        segments=Segments(**texts),
        task=next((task for task in TASKS if task == told.task), None),
        aspect_ratio=ratio[0] if ratio else None,
    )


def _said(told: _Told, name: SegmentName) -> str:
    return _short(getattr(told, name), MAX_SEGMENT_CHARS)


def _short(text: str, most: int) -> str:
    """Return words on one line; what cannot be printed is left out."""
    plain = "".join(one if one.isprintable() else " " * one.isspace() for one in text)
    return " ".join(plain.split())[:most].strip()


def _refused(answer: Answer, writing: Writing) -> str:
    if answer.refusal:
        return f"{writing.title} refused the brief: {_short(answer.refusal, 200)}"
    why = answer.incomplete_details.reason if answer.incomplete_details else ""
    if why == CUT:
        return f"{writing.title} was cut off after {writing.max_output_tokens} tokens"
    if answer.status != "completed":
        return f"{writing.title} did not finish: {_short(why or answer.status, 100)}"
    return f"{writing.title} wrote nothing that is a prompt"


def _hint(answer: Answer) -> str:
    if answer.refusal or (answer.incomplete_details or Why()).reason == "content_filter":
        return "Say it in other words, or write the prompt yourself."
    if (answer.incomplete_details or Why()).reason == CUT:
        return "Make the brief shorter, or raise max_output_tokens in [brief]."
    return "Retry asks once more, or write the prompt yourself."


def _cost_usd(answer: Answer, writing: Writing) -> float | None:
    if answer.usage is None:
        return None
    went_in = answer.usage.input_tokens * writing.usd_per_million_in
    return (went_in + answer.usage.output_tokens * writing.usd_per_million_out) / 1_000_000

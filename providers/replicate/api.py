"""The calls to Replicate through its SDK: one time limit, one size limit, our errors.

Answers are read by us and not by the SDK: 2.0.0b4 takes broken JSON for text, and has no limit.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
import replicate
from replicate import AsyncAPIResponse

from domain.errors import UnavailableError
from providers.replicate.faults import told
from providers.replicate.wire import Prediction

API_URL: Final = "https://api.replicate.com"
MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
"""A page of 100 jobs with their logs fits many times."""
MAX_PAGES: Final = 20
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MIN_CANCEL_AFTER_S: Final = 5
"""The least that ``Cancel-After`` may say, Replicate's OpenAPI of 2026-03-16."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the calls may take, from the first byte sent to the last received."""

    connect_s: float = 5.0
    create_s: float = 60.0
    ask_s: float = 20.0
    fetch_s: float = 55.0


def api_url(base_url: str) -> str:
    """Return the address as SDK 2.0.0b4 wants it: it ends in ``/v1``."""
    address = (base_url or API_URL).rstrip("/")
    return address if address.endswith("/v1") else f"{address}/v1"


def by_proxy(base_url: str) -> bool:
    """Whether a proxy of the environment is used: not to speak to this machine itself."""
    return httpx.URL(api_url(base_url)).host not in LOOPBACK


class Api:
    """Replicate's predictions."""

    def __init__(self, api_key: str, base_url: str, limits: Limits, trust: ssl.SSLContext) -> None:
        self._limits = limits
        self._client = replicate.AsyncReplicate(
            bearer_token=api_key,
            base_url=api_url(base_url),
            max_retries=0,
            timeout=httpx.Timeout(limits.create_s, connect=limits.connect_s),
            # The SDK's own client follows redirects, also with a POST that is paid for.
            http_client=httpx.AsyncClient(
                follow_redirects=False, verify=trust, trust_env=by_proxy(base_url)
            ),
        )

        # Asked for here, since the SDK imports and builds its parts when they are first asked for.
        self._predictions = self._client.predictions.with_streaming_response
        self._files = self._client.files.with_streaming_response
        self._secret = self._client.webhooks.default.secret.with_streaming_response
        self._files_url = f"{api_url(base_url)}/files/"

    async def create(
        self, body: Mapping[str, Any], *, model: str, deadline_s: float, webhook_url: str = ""
    ) -> Prediction:
        """Create a job; *deadline_s* after now the vendor itself gives it up."""
        after = f"{max(int(deadline_s), MIN_CANCEL_AFTER_S)}s"
        more: dict[str, Any] = {}
        if webhook_url:
            more = {"webhook": webhook_url, "webhook_events_filter": ["completed"]}
        with told(model=model, creates=True):
            call = self._predictions.create(
                version=body["version"], input=body["input"], cancel_after=after, **more
            )
            return Prediction.model_validate(await self._answer(call, self._limits.create_s))

    async def upload(self, name: str, data: bytes, media_type: str, model: str) -> str:
        """Lay a file down at Replicate, for a day, and return its address."""
        with told(model=model):
            call = self._files.create(
                content=(name, data, media_type), filename=name, type=media_type
            )
            laid = await self._answer(call, self._limits.create_s)
            return _address(laid)

    async def checksum(self, address: str) -> str | None:
        """Return the SHA-256 of a file that we laid down; None if it is none, or gone."""
        name = address.removeprefix(self._files_url)
        if name == address or not name.isalnum():
            return None
        with told():
            call = self._files.get(file_id=name)
            try:
                known = await self._answer(call, self._limits.ask_s)
            except replicate.NotFoundError:
                return None
            found = known.get("checksums", {}).get("sha256") if isinstance(known, dict) else None
            return found if isinstance(found, str) else None

    async def webhook_secret(self) -> str:
        """Return the key by which Replicate signs its calls to us."""
        with told():
            known = await self._answer(self._secret.get(), self._limits.ask_s)
            if not isinstance(known, dict) or not isinstance(known.get("key"), str):
                raise ValueError("the webhook secret has a key")  # noqa: TRY004 -- unreadable
            return str(known["key"])

    async def get(self, job: str) -> Prediction:
        """Return what is known of a job now."""
        with told(job=job):
            call = self._predictions.get(prediction_id=job)
            return Prediction.model_validate(await self._answer(call, self._limits.ask_s))

    async def cancel(self, job: str) -> None:
        """Stop a job; one that has ended, or is gone, is left alone."""
        with told(job=job):
            call = self._predictions.cancel(prediction_id=job)
            try:
                await self._answer(call, self._limits.ask_s)
            except (
                replicate.NotFoundError,
                replicate.ConflictError,
                replicate.UnprocessableEntityError,
            ):
                return

    async def since(self, moment: datetime) -> list[Prediction]:
        """Return the account's jobs that were created after *moment*, newest first."""
        found: list[Prediction] = []
        cursor: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = await self._page(moment, cursor)
            with told():
                found += [Prediction.model_validate(item) for item in page["results"]]
                # Only the query of the next page's address is used: the key goes nowhere else.
                cursor = dict(httpx.URL(page.get("next") or "").params)
            if not cursor or (found and not found[-1].after(moment)):
                return [each for each in found if each.after(moment)]
        raise UnavailableError(
            f"more than {MAX_PAGES} pages of jobs since {moment.isoformat()}",
            maybe_billed=True,
            hint="It cannot be told whether Replicate made this picture: there are too many jobs.",
        )

    async def _page(self, moment: datetime, cursor: dict[str, str]) -> dict[str, Any]:
        with told():
            call = self._predictions.list(created_after=moment, extra_query=cursor)
            page = await self._answer(call, self._limits.ask_s)
            if not isinstance(page, dict) or not isinstance(page.get("results"), list):
                raise ValueError("a page of jobs has results")  # noqa: TRY004 -- unreadable
            return page

    async def _answer(
        self, call: AbstractAsyncContextManager[AsyncAPIResponse[Any]], limit_s: float
    ) -> Any:
        text = bytearray()
        async with asyncio.timeout(limit_s), call as reply:
            async for chunk in reply.iter_bytes():
                text += chunk
                if len(text) > MAX_ANSWER_BYTES:
                    raise ValueError(f"more than {MAX_ANSWER_BYTES} bytes")
        return json.loads(text)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()


def _address(laid: Any) -> str:
    address = laid["urls"]["get"] if isinstance(laid, dict) and "urls" in laid else None
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise ValueError("a file that was laid down has an address")
    return address

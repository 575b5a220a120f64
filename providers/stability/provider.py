"""Models of Stability AI: one call returns the picture, what it filtered is a refusal."""

from collections.abc import Sequence
from typing import Any, Literal

from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import Delivered, ImageRequest
from providers.stability.api import Api, Limits, refuse_unfinished, seed_of
from providers.stability.faults import told
from providers.stability.wire import form, path, payload


class StabilityProvider:
    """The port over those calls that return the picture; it never tries anything twice."""

    name: str = "stability"
    answers: Literal["blocking"] = "blocking"

    def __init__(
        self,
        api_key: str,
        cards: Sequence[ModelCard],
        *,
        base_url: str = "",
        limits: Limits | None = None,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self._prices = {card.id: card.price.usd_per_image for card in cards}
        self._api = Api(api_key, base_url, limits or Limits(), max_bytes)

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the form of the call, pictures as digests."""
        return payload(request)

    async def make(self, request: ImageRequest) -> Delivered:
        """Have one image made; a failed or filtered one is not charged.

        Raises:
            ProviderError: It was refused, or is not to be had.
        """
        card = request.card
        limit_s = min(self._api.limits.make_s, card.timeout_s)
        with told(model=card.name):
            reply, data = await self._api.post(path(request), form(request), limit_s)
        refuse_unfinished(reply, card.name)
        return Delivered(
            data=data,
            cost_usd=self._prices.get(card.id, card.price.usd_per_image),
            seed=seed_of(reply, card),
            request_id=reply.headers.get("x-request-id"),
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._api.close()

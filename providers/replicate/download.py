"""Fetches what a job made: from the vendor's own hosts only, without the key, no more than fits."""

import asyncio
import ssl
from typing import Final

import httpx

from domain.errors import BadReplyError, ProviderError, RateLimitedError, UnavailableError
from providers.replicate.faults import DEFAULT_RETRY_S, told

HOSTS: Final = ("replicate.delivery", "replicate.com")
"""These and all below them, over https (Replicate's OpenAPI of 2026-03-16, on output files)."""
MAX_HOPS: Final = 3
GONE: Final = (httpx.codes.NOT_FOUND, httpx.codes.GONE)


class Downloads:
    """A client of its own, that knows no key."""

    def __init__(
        self,
        api_url: str,
        *,
        limit_s: float,
        connect_s: float,
        max_bytes: int,
        trust: ssl.SSLContext,
        trust_env: bool,
    ) -> None:
        self._home = _origin(httpx.URL(api_url))
        self._limit_s = limit_s
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            verify=trust,
            trust_env=trust_env,
            timeout=httpx.Timeout(limit_s, connect=connect_s),
            headers={"accept": "image/*", "accept-encoding": "identity"},
        )

    async def get(self, address: str) -> bytes:
        """Return the bytes at *address*; each redirect is looked at like the first address.

        Raises:
            ProviderError: Another host, too many bytes, gone, cut off or too slow.
        """
        with told():
            async with asyncio.timeout(self._limit_s):
                url = httpx.URL(address)
                for _ in range(MAX_HOPS):
                    self._allow(url)
                    async with self._client.stream("GET", url) as reply:
                        if not reply.has_redirect_location:
                            return await self._read(reply)
                        url = url.join(reply.headers["location"])
        raise _strange("redirected too often")

    def _allow(self, url: httpx.URL) -> None:
        at_home = _origin(url) == self._home
        vendor = any(url.host == host or url.host.endswith(f".{host}") for host in HOSTS)
        secure = url.scheme == "https" and url.port is None
        if url.userinfo or not (at_home or (vendor and secure)):
            raise _strange(f"names a host that is not Replicate's: {url.host!r}")

    async def _read(self, reply: httpx.Response) -> bytes:
        if reply.status_code != httpx.codes.OK:
            raise _refused(reply)
        if reply.headers.get("content-encoding", "identity") != "identity":
            raise _strange("packed, though we take it as it is")
        data = bytearray()
        async for chunk in reply.aiter_raw():
            data += chunk
            if len(data) > self._max_bytes:
                raise _strange(f"more than {self._max_bytes} bytes")
        return bytes(data)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _strange(what: str) -> BadReplyError:
    return BadReplyError(
        f"the address of the picture: {what}",
        hint="Replicate's answer is not what it promises: the picture was not fetched.",
    )


def _refused(reply: httpx.Response) -> ProviderError:
    status = reply.status_code
    said = f"the picture at Replicate: status {status}"
    if status in GONE:
        hint = "Replicate keeps a picture for one hour and has removed this one: make it again."
        return BadReplyError(f"{said}, it has expired", hint=hint)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(said, retry_after_s=DEFAULT_RETRY_S)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        hint = "The picture is made but cannot be fetched just now; it is tried again."
        return UnavailableError(said, maybe_billed=False, hint=hint)
    return BadReplyError(said, hint="Replicate does not hand out the picture: make it again.")

"""Fetches a picture from where a vendor says it lies: hosts checked, without a key, bounded."""

import asyncio
import ipaddress
import ssl
from dataclasses import dataclass
from typing import Final

import httpx

from domain.errors import BadReplyError, ProviderError, RateLimitedError, UnavailableError
from domain.picture import MAX_VENDOR_BYTES

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MAX_HOPS: Final = 3
RETRY_S: Final = 10.0
"""Ours, where a host that is asked too often does not say how long to wait."""
TOLD_CHARS: Final = 300
GONE: Final = (httpx.codes.NOT_FOUND, httpx.codes.GONE, httpx.codes.FORBIDDEN)
"""An address whose signature has run out answers with one of these."""


@dataclass(frozen=True, slots=True)
class Source:
    """Whose pictures they are, and where they may lie."""

    vendor: str
    """As people say it, for errors."""
    home: str
    """The configured address: its origin may always be spoken to, a server of one's own as well."""
    hosts: tuple[str, ...] = ()
    """These and all below them, over https; empty: every public host over https."""
    kept: str = "for a short time"
    """How long the vendor keeps a picture, in words."""

    def allows(self, url: httpx.URL) -> bool:
        """Whether *url* is at home, or at one of the hosts over https at the usual port."""
        if url.userinfo:
            return False
        if origin(url) == origin(httpx.URL(self.home)):
            return True
        if url.scheme != "https" or url.port is not None:
            return False
        if not self.hosts:
            return _public(url.host)
        return any(url.host == host or url.host.endswith(f".{host}") for host in self.hosts)


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return what makes two addresses the same server."""
    return url.scheme, url.host, url.port


def by_proxy(address: str) -> bool:
    """Whether a proxy of the environment is used: not to speak to this machine itself."""
    return httpx.URL(address).host not in LOOPBACK


def _public(host: str) -> bool:
    """Whether a host is named as those of the internet are: no bare name, no private number."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))


class Downloads:
    """A client of its own, that knows no key."""

    def __init__(
        self,
        source: Source,
        *,
        limit_s: float,
        connect_s: float,
        max_bytes: int = MAX_VENDOR_BYTES,
        trust: ssl.SSLContext | bool = True,
    ) -> None:
        self._source = source
        self._limit_s = limit_s
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            verify=trust,
            trust_env=by_proxy(source.home),
            timeout=httpx.Timeout(limit_s, connect=connect_s),
            headers={"accept": "image/*", "accept-encoding": "identity"},
        )

    async def get(self, address: str) -> bytes:
        """Return the bytes at *address*; each redirect is looked at like the first address.

        Raises:
            ProviderError: A host that is not allowed, too many bytes, gone, cut off or too slow.
        """
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._followed(httpx.URL(address))
        except (httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            raise self._strange(f"cannot be read: {error}"[:TOLD_CHARS]) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._away(f"{type(error).__name__} {error}"[:TOLD_CHARS]) from error

    async def _followed(self, url: httpx.URL) -> bytes:
        for _ in range(MAX_HOPS):
            if not self._source.allows(url):
                raise self._strange(
                    f"names a host that is not {self._source.vendor}'s: {url.host!r}"
                )
            async with self._client.stream("GET", url) as reply:
                if not reply.has_redirect_location:
                    return await self._read(reply)
                url = url.join(reply.headers["location"])
        raise self._strange("redirected too often")

    async def _read(self, reply: httpx.Response) -> bytes:
        if reply.status_code != httpx.codes.OK:
            raise self._refused(reply.status_code)
        if reply.headers.get("content-encoding", "identity") != "identity":
            raise self._strange("packed, though we take it as it is")
        data = bytearray()
        async for chunk in reply.aiter_raw():
            data += chunk
            if len(data) > self._max_bytes:
                raise self._strange(f"more than {self._max_bytes} bytes")
        return bytes(data)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

    def _strange(self, what: str) -> BadReplyError:
        vendor = self._source.vendor
        return BadReplyError(
            f"the address of the picture: {what}",
            hint=f"{vendor}'s answer is not what it promises: the picture was not fetched.",
        )

    def _away(self, what: str) -> UnavailableError:
        hint = f"The picture is made, but {self._source.vendor} does not hand it out just now."
        return UnavailableError(f"the picture: {what}", maybe_billed=False, hint=hint)

    def _refused(self, status: int) -> ProviderError:
        vendor = self._source.vendor
        said = f"the picture at {vendor}: status {status}"
        if status in GONE:
            hint = f"{vendor} keeps a picture {self._source.kept} and has removed this one: make "
            return BadReplyError(f"{said}, it has expired", hint=f"{hint}it again.")
        if status == httpx.codes.TOO_MANY_REQUESTS:
            return RateLimitedError(said, retry_after_s=RETRY_S, hint="It is fetched again.")
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return self._away(f"status {status}")
        return BadReplyError(said, hint=f"{vendor} does not hand out the picture: make it again.")

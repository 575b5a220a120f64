"""Draws what an app sends to Slack: blocks and views become a page in Slack's light look.

Only what AI Handler sends is known; anything else is an error, so that no picture leaves out what
people would see. How each thing looks is in ``tools/slack_pages/``, after what
docs.slack.dev/reference/block-kit shows (read 2026-11). Nothing in a page is loaded from anywhere:
pictures stand in it as data.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NoReturn

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from PIL import Image

Json = Mapping[str, Any]
PAGES: Final = Path(__file__).parent / "slack_pages"
_TOKEN: Final = re.compile(r"<([^<>\n]+)>")
_LOOKS: Final = (
    (re.compile(r"`([^`\n]+)`"), "code"),
    (re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)"), "b"),
    (re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)"), "i"),
    (re.compile(r"(?<!\w)~([^~\n]+)~(?!\w)"), "s"),
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji under a message."""

    emoji: str
    count: int
    mine: bool = False
    """The reader put it there, too."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands around a message's blocks."""

    channel: str
    at: str
    """The time of day, as it is shown."""
    reactions: Sequence[Reaction] = ()
    replies: int = 0
    last_reply: str = ""


@dataclass(frozen=True, slots=True)
class Slack:
    """The workspace as far as a page shows it."""

    app: str
    """What the bot is called."""
    icon: str
    """Its picture, as a data URI."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What was uploaded, by the ids that blocks name."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people are called, by their ids."""

    def message(self, blocks: Sequence[Json], posted: Posted) -> str:
        """Return the page of a message in its channel.

        Raises:
            LookupError: It holds what is not known here.
        """
        return self._page("message.html", blocks=blocks, posted=posted)

    def modal(self, view: Json) -> str:
        """Return the page of a form over what lies behind it.

        Raises:
            LookupError: It holds what is not known here.
        """
        return self._page("modal.html", blocks=view["blocks"], view=view)

    def home(self, view: Json) -> str:
        """Return the page of the app's home tab.

        Raises:
            LookupError: It holds what is not known here.
        """
        return self._page("home.html", blocks=view["blocks"])

    def _page(self, template: str, **shown: Any) -> str:
        tools: dict[str, Callable[..., Any]] = {
            "picture": self._picture,
            "words": self._words,
            "name": self._name,
            "unknown": _unknown,
        }
        page = _pages().get_template(template)
        return page.render(app=self.app, icon=self.icon, **tools, **shown)

    def _picture(self, block: Json) -> str:
        return data_uri(self.files[block["slack_file"]["id"]])

    def _name(self, user: str) -> str:
        return f"@{self.names[user]}"

    def _words(self, text: Json) -> Markup:
        """Return a text object: markup means something in mrkdwn only."""
        if text["type"] == "plain_text":
            return escape(text["text"])
        if text["type"] != "mrkdwn":
            _unknown("text", text["type"])
        parts = _TOKEN.split(text["text"])
        drawn = [self._token(one) if at % 2 else _looks(one) for at, one in enumerate(parts)]
        return Markup().join(drawn)

    def _token(self, token: str) -> Markup:
        target, _, label = token.partition("|")
        if target.startswith("@"):
            return Markup('<span class="mention">{}</span>').format(self._name(target[1:]))
        if not target.startswith(("https://", "http://", "mailto:")):
            _unknown("mrkdwn", token)
        return Markup('<span class="link">{}</span>').format(_read(label or target))


def data_uri(data: bytes) -> str:
    """Return a picture's bytes as an address."""
    with Image.open(BytesIO(data)) as image:
        kind = image.get_format_mimetype()
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def svg_uri(drawing: bytes) -> str:
    """Return an SVG drawing as an address."""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"


def _looks(text: str) -> Markup:
    drawn = str(escape(_read(text)))
    for mark, tag in _LOOKS:
        drawn = mark.sub(rf"<{tag}>\1</{tag}>", drawn)
    return Markup(drawn)  # noqa: S704  escaped above; only our own tags were added


def _read(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _unknown(what: str, kind: str) -> NoReturn:
    raise LookupError(f"no drawing for the {what} {kind!r}: add it to tools/{PAGES.name}/")


def _pages() -> Environment:
    loader = FileSystemLoader(PAGES)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip

"""The ``views.*`` methods: modals by a trigger that is good once and for 3 s, and home tabs."""

import secrets
from typing import TYPE_CHECKING, Final

from tests.vendors.slack.blocks import Checker
from tests.vendors.slack.calls import Method
from tests.vendors.slack.chat import named_blocks
from tests.vendors.slack.errors import RefusedError, invalid
from tests.vendors.slack.files import picture_fault
from tests.vendors.slack.world import Json, Trigger, View

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

STACK: Final = 3


def checked(emu: "SlackEmulator", view: Json) -> Json:
    """Return the view with ids for its blocks.

    Raises:
        RefusedError: Slack would not show it.
    """
    emu.watch(view)
    faults = Checker(lambda file: picture_fault(emu, file)).view(view)
    if faults:
        raise invalid("invalid_arguments", faults)
    return {**view, "blocks": named_blocks(emu, view["blocks"])}


def _trigger(emu: "SlackEmulator", args: Json) -> Trigger:
    trigger = emu.world.triggers.get(str(args.get("trigger_id", "")))
    if trigger is None:
        raise RefusedError("invalid_trigger_id")
    if trigger.used:
        raise RefusedError("exchanged_trigger_id")
    if emu.clock.now_s() - trigger.at_s > emu.times.trigger_s:
        raise RefusedError("expired_trigger_id")
    return trigger


def shown_to(emu: "SlackEmulator", user: str) -> list[View]:
    """Return the modals that a person has open, the topmost last."""
    views = emu.world.views.values()
    return [one for one in views if one.user == user and not one.closed and _modal(one)]


def _modal(view: View) -> bool:
    return bool(view.shown["type"] == "modal")


def show(emu: "SlackEmulator", user: str, view: Json, *, push: bool) -> View:
    """Put a modal in front of a person."""
    open_now = shown_to(emu, user)
    if push and len(open_now) >= STACK:
        raise RefusedError("push_limit_reached")
    below = open_now[-1] if push and open_now else None
    for old in [] if push else open_now:
        old.closed = True
    name = emu.world.name("V")
    root = below.root if below else name
    made = View(name, user, view, secrets.token_hex(6), root, below.id if below else None)
    emu.world.views[name] = made
    emu.changed()
    return made


def _open(emu: "SlackEmulator", args: Json, *, push: bool) -> Json:
    trigger = _trigger(emu, args)
    view = checked(emu, args["view"])
    if view["type"] != "modal":
        raise RefusedError("invalid_arguments")
    trigger.used = True
    return {"view": show(emu, trigger.user, view, push=push).told()}


def open_view(emu: "SlackEmulator", args: Json) -> Json:
    """``views.open``."""
    return _open(emu, args, push=False)


def push(emu: "SlackEmulator", args: Json) -> Json:
    """``views.push``."""
    return _open(emu, args, push=True)


def update(emu: "SlackEmulator", args: Json) -> Json:
    """``views.update``, by id or external id."""
    known = (
        one
        for one in emu.world.views.values()
        if one.id == args.get("view_id")
        or (args.get("external_id") and one.shown.get("external_id") == args["external_id"])
    )
    view = next(known, None)
    if view is None or view.closed:
        raise RefusedError("not_found")
    if args.get("hash") and args["hash"] != view.hash:
        raise RefusedError("hash_conflict")
    view.shown = checked(emu, args["view"])
    view.hash = secrets.token_hex(6)
    emu.changed()
    return {"view": view.told()}


def publish(emu: "SlackEmulator", args: Json) -> Json:
    """``views.publish``: a person's home tab."""
    user = str(args.get("user_id", ""))
    if user not in emu.world.users:
        raise RefusedError("invalid_arguments")
    shown = checked(emu, args["view"])
    if shown["type"] != "home":
        raise RefusedError("invalid_arguments")
    old = home_of(emu, user)
    name = old.id if old else emu.world.name("V")
    emu.world.views[name] = View(name, user, shown, secrets.token_hex(6), name)
    emu.changed()
    return {"view": emu.world.views[name].told()}


def home_of(emu: "SlackEmulator", user: str) -> View | None:
    """Return the home tab that a person sees."""
    views = emu.world.views.values()
    return next((one for one in views if one.user == user and not _modal(one)), None)


METHODS: Final = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}

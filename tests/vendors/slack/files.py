"""External uploads with delayed readiness, and private downloads."""

from typing import TYPE_CHECKING, Final

from aiohttp import web

from tests.vendors.slack.blocks import SHOWN_TYPES
from tests.vendors.slack.calls import Method, open_channel
from tests.vendors.slack.errors import RefusedError
from tests.vendors.slack.world import BOT_USER, TEAM, File, Json, Message

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

LOGIN_PAGE: Final = "<!DOCTYPE html><html><head><title>Sign in to Slack</title></head></html>"
MAGIC: Final = {
    b"\x89PNG": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"GIF8": ("image/gif", "gif"),
    b"RIFF": ("image/webp", "webp"),
    b"PK\x03\x04": ("application/zip", "zip"),
}


def kind(data: bytes) -> tuple[str, str]:
    """Return the type of a file and its short name."""
    found = (names for magic, names in MAGIC.items() if data.startswith(magic))
    return next(found, ("text/plain", "text"))


def ready(emu: "SlackEmulator", file: File) -> bool:
    """Whether Slack has looked at a file, so that it may be shown."""
    return file.completed and emu.clock.now_s() >= file.ready_at_s


def told(emu: "SlackEmulator", file: File) -> Json:
    """Return a file as the API and events tell it: no type until it is ready."""
    mimetype, filetype = kind(file.data) if ready(emu, file) else ("", "")
    url = f"{emu.url}/files-pri/{TEAM}-{file.id}/{file.name}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": mimetype,
        "filetype": filetype,
        "user": file.owner,
        "size": len(file.data),
        "mode": "hosted",
        "is_external": False,
        "url_private": url,
        "url_private_download": url.replace("/files-pri/", "/files-pri/download/"),
        "channels": file.channels,
    }


def picture_fault(emu: "SlackEmulator", named: Json) -> str:
    """Say what is wrong with a ``slack_file`` of an image block; empty if nothing is."""
    file = emu.world.files.get(str(named.get("id", "")))
    if file is None or file.deleted or file.owner != BOT_USER or not ready(emu, file):
        return "invalid slack file"
    if emu.refuse_picture(file.id):
        return "invalid slack file"
    return "" if kind(file.data)[0] in SHOWN_TYPES else "invalid slack file"


def ticket(emu: "SlackEmulator", args: Json) -> Json:
    """``files.getUploadURLExternal``."""
    length = int(args.get("length") or 0)
    if not args.get("filename") or length < 1:
        raise RefusedError("invalid_arguments")
    file = File(emu.world.name("F"), str(args["filename"]), BOT_USER, length=length)
    emu.world.files[file.id] = file
    return {"upload_url": f"{emu.url}/upload/v1/{file.id}", "file_id": file.id}


async def on_upload(emu: "SlackEmulator", request: web.Request) -> web.Response:
    """Take the bytes, raw or as a form."""
    file = emu.world.files.get(request.match_info["file"])
    if request.content_type == "multipart/form-data":
        form = await request.post()
        part = next(one for one in form.values() if isinstance(one, web.FileField))
        data = part.file.read()
    else:
        data = await request.read()
    if file is None or file.completed or len(data) != file.length:
        return web.Response(status=400, text="bad upload")
    file.data, file.uploaded = data, True
    return web.Response(text=f"OK - {len(data)}")


def complete(emu: "SlackEmulator", args: Json) -> Json:
    """``files.completeUploadExternal``: it is looked at afterwards, then shared if so asked."""
    named = args.get("files") or []
    names = [one.get("id") for one in named]
    if not names or len(set(names)) < len(names):
        raise RefusedError("invalid_arguments")
    files = [emu.world.files.get(str(name)) for name in names]
    if not all(file and file.uploaded and not file.completed for file in files):
        raise RefusedError("file_not_found")
    channel = open_channel(emu, {"channel": args["channel_id"]}) if args.get("channel_id") else None
    done = []
    for file, one in zip(filter(None, files), named, strict=True):
        file.completed, file.title = True, str(one.get("title") or "")
        file.ready_at_s = emu.clock.now_s() + emu.times.ready_s
        done.append(file)
    if channel:
        emu.watch({"text": str(args.get("initial_comment") or "")})
        emu.start(_share(emu, done, channel.id, args), "sharing")
    return {"files": [{"id": one.id, "title": one.title} for one in done]}


async def _share(emu: "SlackEmulator", files: list[File], channel: str, args: Json) -> None:
    await emu.clock.sleep(emu.times.ready_s)
    text = str(args.get("initial_comment") or "")
    thread = str(args["thread_ts"]) if args.get("thread_ts") else None
    message = Message(channel, emu.world.ts(), BOT_USER, text, thread_ts=thread)
    message.files = [one.id for one in files]
    for one in files:
        one.channels.append(channel)
    emu.keep(message)


def _known(emu: "SlackEmulator", args: Json) -> File:
    file = emu.world.files.get(str(args.get("file", "")))
    if file is None:
        raise RefusedError("file_not_found")
    if file.deleted:
        raise RefusedError("file_deleted")
    return file


def info(emu: "SlackEmulator", args: Json) -> Json:
    """``files.info``."""
    return {"file": told(emu, _known(emu, args)), "comments": []}


def delete(emu: "SlackEmulator", args: Json) -> Json:
    """``files.delete``: only one's own."""
    file = _known(emu, args)
    if file.owner != BOT_USER:
        raise RefusedError("cant_delete_file")
    file.deleted = True
    emu.changed()
    return {}


async def on_download(emu: "SlackEmulator", request: web.Request) -> web.Response:
    """Hand out a file to who may have it; to anybody else a page with status 200."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    file = emu.world.files.get(request.match_info["file"].partition("-")[2])
    may = token == emu.bot_token and not emu.token_error and "files:read" in emu.scopes
    if not may:
        return web.Response(text=LOGIN_PAGE, content_type="text/html")
    if file is None or file.deleted:
        return web.Response(status=404, text="not found")
    return web.Response(body=file.data, content_type=kind(file.data)[0])


METHODS: Final = {
    "files.getUploadURLExternal": Method(ticket, "files:write"),
    "files.completeUploadExternal": Method(complete, "files:write"),
    "files.info": Method(info, "files:read"),
    "files.delete": Method(delete, "files:write"),
}

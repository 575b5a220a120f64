"""Replicate's calls to us: whether they are Replicate's, and of which job they tell.

The signature: HMAC-SHA256 over ``id.timestamp.body`` with the account's secret (Replicate's docs on
webhooks, read 2026-11); a call is believed for five minutes.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from domain.errors import ForbiddenError
from domain.ports import Job
from providers.replicate.wire import Prediction

TOLERANCE_S: Final = 300.0


def heard_job(headers: Mapping[str, str], body: bytes, now: datetime, secret: str) -> Job:
    """Return the job that a call tells of.

    Args:
        headers: Of the call, their names in any case.
        body: As it came, to the byte.
        now: The time.
        secret: ``whsec_`` and the key in base64.

    Raises:
        ForbiddenError: It is not Replicate's, too old, or tells of no job.
    """
    told = {name.lower(): value for name, value in headers.items()}
    stamp = told.get("webhook-timestamp", "")
    _refuse_old(stamp, now)
    signed = f"{told.get('webhook-id', '')}.{stamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest())
    given = [one.partition(",") for one in told.get("webhook-signature", "").split()]
    matches = [
        hmac.compare_digest(each.encode(), wanted) for kind, _, each in given if kind == "v1"
    ]
    if not any(matches):
        raise _not_theirs("the signature is not Replicate's")
    try:
        return Job(ref=Prediction.model_validate(json.loads(body)).id)
    except (ValueError, ValidationError, RecursionError) as error:
        raise _not_theirs("it tells of no job") from error


def _refuse_old(stamp: str, now: datetime) -> None:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= len("1700000000000")):
        raise _not_theirs("it has no time")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        raise _not_theirs("it is not of the last five minutes")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.partition("_")[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_theirs("Replicate's secret cannot be read") from error
    if not key:  # anybody can sign with nothing
        raise _not_theirs("Replicate's secret is empty")
    return key


def _not_theirs(why: str) -> ForbiddenError:
    return ForbiddenError(f"a webhook of Replicate: {why}", hint="The job is asked after instead.")

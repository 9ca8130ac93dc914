"""Checking that a webhook comes from Headgate (Standard Webhooks 1.0)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import sha256
from json import loads
from time import time
from typing import Any, Callable

TOLERANCE_SECONDS = 300.0


class WebhookVerificationError(Exception):
    """The message was not signed with this secret, or too long ago: answer 400 and do nothing."""


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    clock: Callable[[], float] = time,
) -> Any:
    """The JSON of a webhook, once it is known to be signed with ``secret`` (``whsec_…``).

    ``body`` is what came over the wire: JSON that was parsed and written again has another signature. A message that is
    older than ``tolerance_seconds`` may be one that somebody recorded and sends again. Deliveries are repeated, under the
    same ``webhook-id``: whoever must act once remembers it. Raises ``WebhookVerificationError``.
    """
    message_id = field_of(headers, "webhook-id")
    timestamp = field_of(headers, "webhook-timestamp")
    signatures = field_of(headers, "webhook-signature")
    if not (message_id and timestamp and signatures):
        raise WebhookVerificationError("webhook-id, webhook-timestamp or webhook-signature is missing.")
    content = body.encode() if isinstance(body, str) else bytes(body)
    expected = _sign(_key_of(secret), message_id, timestamp, content)
    # All of them are compared, each in the same time: how long it takes tells nothing.
    matches = [hmac.compare_digest(expected, given.encode()) for given in signatures.split(" ")]
    if not any(matches):
        raise WebhookVerificationError("The signature is not of this secret and this message.")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(clock() - int(timestamp)) > tolerance_seconds:
        raise WebhookVerificationError("The message was signed too long ago, or in the future.")
    return loads(content)


def field_of(headers: Mapping[str, str], name: str) -> str:
    """A header field, however the framework spells its name; empty when there is none."""
    for key, value in headers.items():
        if key.lower() == name:
            return value
    return ""


def _sign(key: bytes, message_id: str, timestamp: str, content: bytes) -> bytes:
    signed = f"{message_id}.{timestamp}.".encode() + content
    return b"v1," + b64encode(hmac.new(key, signed, sha256).digest())


def _key_of(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        key = b64decode(text, validate=True)
    except NotBase64 as error:
        raise ValueError("A secret is whsec_ and Base64.") from error
    if not key:
        # A secret that was forgotten, not one that everybody knows.
        raise ValueError("The secret is empty.")
    return key

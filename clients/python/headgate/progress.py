"""For the service behind Headgate: saying how far the work on a request is."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import urlsplit

from ._httpx import httpx
from .webhook import field_of

WITHIN_SECONDS = 5.0
_Report = tuple[str, dict[str, str], bytes]


def report_progress(
    headers: Mapping[str, str],
    percent: float | None = None,
    message: str | None = None,
    *,
    only_to: str | None = None,
    client: httpx.Client | None = None,
) -> bool:
    """Reports ``percent`` (0 to 100), a ``message`` or both. ``headers`` are those of the request that is worked on.

    Answers whether it was taken, and raises nothing for the net's sake: work does not fail because nobody could be told
    of it. False also for a request that did not come through Headgate. Where others than Headgate can reach the service,
    name its base URL in ``only_to``: else they have reports sent wherever their headers say.
    """
    report = _to_report(headers, percent, message, only_to)
    if report is None:
        return False
    if client is None:
        with httpx.Client() as own:
            return _put(own, report)
    return _put(client, report)


async def report_progress_async(
    headers: Mapping[str, str],
    percent: float | None = None,
    message: str | None = None,
    *,
    only_to: str | None = None,
    client: httpx.AsyncClient | None = None,
) -> bool:
    """As ``report_progress``."""
    report = _to_report(headers, percent, message, only_to)
    if report is None:
        return False
    if client is None:
        async with httpx.AsyncClient() as own:
            return await _put_async(own, report)
    return await _put_async(client, report)


def _put(client: httpx.Client, report: _Report) -> bool:
    url, fields, body = report
    try:
        response = client.put(url, headers=fields, content=body, timeout=WITHIN_SECONDS)
    except httpx.TransportError:
        return False
    return bool(response.is_success)


async def _put_async(client: httpx.AsyncClient, report: _Report) -> bool:
    url, fields, body = report
    try:
        response = await client.put(url, headers=fields, content=body, timeout=WITHIN_SECONDS)
    except httpx.TransportError:
        return False
    return bool(response.is_success)


def _to_report(
    headers: Mapping[str, str], percent: float | None, message: str | None, only_to: str | None
) -> _Report | None:
    said: dict[str, Any] = {"percent": percent, "message": message}
    said = {name: value for name, value in said.items() if value is not None}
    if not said:
        raise ValueError("Give percent, message or both.")
    url = field_of(headers, "headgate-progress-url")
    token = field_of(headers, "headgate-progress-token")
    if not url or not token or (only_to is not None and _origin(url) != _origin(only_to)):
        return None
    return url, {"Content-Type": "application/json", "Headgate-Progress-Token": token}, dumps(said).encode()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()

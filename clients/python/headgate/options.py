"""How a request for the service is to be treated, and which tasks are meant; the arguments of many methods."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, TypedDict, Union

Duration = Union[str, int, float, timedelta]
"""Seconds, or text such as ``10m``."""

Instant = Union[str, datetime]
"""ISO 8601 text with its offset, or a datetime; one without a zone is local time, as everywhere in Python."""

HeaderFields = Union[Mapping[str, str], Sequence[tuple[str, str]]]


class SubmitOptions(TypedDict, total=False):
    """Of the request: ``method`` (POST), ``params`` (query; a list is sent as one parameter each), ``headers``, and one of
    ``json``, ``form`` (its fields), ``files`` (as httpx takes them; ``form`` may come along) and ``content`` (bytes or
    text as they are, or an iterable of bytes, an asynchronous one for the asynchronous client).

    Of its way: ``priority`` 0 (low) to 9 (high); ``delay`` or ``not_before``; ``start_within``, to give up when it has
    not begun; ``timeout`` of one attempt; ``max_attempts``; ``labels``; ``client``, whose turn it takes; ``callback``,
    a URL that is told when the task has ended; ``cache`` may be ``"no-store"``.

    ``idempotency_key``: the same key and request are the same task. A key is made when none is given, so that
    submitting again after a broken connection is safe; None for no key, and then only what never left is sent again.
    """

    method: str
    params: Mapping[str, Any] | Sequence[tuple[str, Any]]
    headers: HeaderFields
    json: Any
    form: Mapping[str, Any]
    files: Any
    content: Any
    priority: int
    delay: Duration
    not_before: Instant
    start_within: Duration
    timeout: Duration
    max_attempts: int
    labels: Mapping[str, str]
    client: str
    callback: str
    cache: str
    idempotency_key: str | None


class Filter(TypedDict, total=False):
    """Which tasks: all that is given must hold. ``path`` is what the path begins with, ``since`` and ``until`` are of
    acceptance, ``label`` is ``"key=value"``, ``q`` a part of the id or of the path."""

    status: str
    route: str
    method: str
    path: str
    since: Instant
    until: Instant
    label: str
    client: str
    batch: str
    q: str


def directives(options: SubmitOptions) -> list[tuple[str, str]]:
    """The ``Headgate-…`` header fields that options are sent as. Raises ``TypeError`` for one that is not known: ignored,
    a misspelt one would run a task at the wrong time, or twice."""
    unknown = options.keys() - SubmitOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"There is no option {', '.join(sorted(unknown))}.")
    fields: list[tuple[str, str]] = []
    for name, value in options.items():
        if name in _DIRECTIVES and value is not None:
            header, write = _DIRECTIVES[name]
            fields.append((header, write(value)))
    labels = options.get("labels") or {}
    fields += [("Headgate-Label", f"{key}={value}") for key, value in labels.items()]
    return fields


_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~]*")


def check_fields(fields: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """These header fields, if they can be sent (RFC 9110, 5.1 and 5.5). Raises ``ValueError``, which names the one that
    cannot: it is no use to try again."""
    for name, value in fields:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header field.")
        if not _VALUE.fullmatch(value):
            raise ValueError(f"{name}: {value!r} cannot be sent: a header field is printable ASCII, on one line.")
    return fields


def to_query(parameters: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Query parameters; those that are None are left out, and a list is as many of its name."""
    pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
    return [
        (name, _to_text(each))
        for name, value in pairs
        for each in (value if isinstance(value, (list, tuple)) else [value])
        if each is not None
    ]


def to_duration(value: Any) -> str:
    if isinstance(value, str):
        return value
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    # Not as a fraction, which Python would write as 1e-05 when it is small.
    return f"{round(seconds * 1_000)}ms"


def to_instant(value: Any) -> str:
    if not isinstance(value, datetime):
        return str(value)
    text = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_instant(value) if isinstance(value, datetime) else str(value)


_DIRECTIVES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "priority": ("Headgate-Priority", str),
    "delay": ("Headgate-Delay", to_duration),
    "not_before": ("Headgate-Not-Before", to_instant),
    "start_within": ("Headgate-Start-Within", to_duration),
    "timeout": ("Headgate-Timeout", to_duration),
    "max_attempts": ("Headgate-Max-Attempts", str),
    "client": ("Headgate-Client", str),
    "callback": ("Headgate-Callback", str),
    "cache": ("Headgate-Cache", str),
}

"""A request for the service as it goes out: path, header fields, body."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from ._httpx import httpx
from .flow import Call
from .options import HeaderFields, SubmitOptions, check_fields, directives, to_query

OWN_KEY = "Headgate-Idempotency-Key"
"""Known to Headgate alone: it does not say that the service may be sent the request twice."""

KEY_NAMES = frozenset({"idempotency-key", OWN_KEY.lower()})
"""Under either of them a request is taken once, however often it is sent."""

_STEADY = "-._~:/?#[]@!$&'()*+,;=%"


def to_request(path: str, options: SubmitOptions) -> Call:
    """The request as it goes out, directives as header fields."""
    headers = _header_list(options.get("headers") or ())
    content, content_type = _content_of(options)
    headers += directives(options)
    if content_type is not None:
        _default(headers, "Content-Type", content_type)
    key = options.get("idempotency_key", "")
    if key:
        _default(headers, "Idempotency-Key", key)
    elif key is not None and all(name.lower() not in KEY_NAMES for name, _ in headers):
        _default(headers, OWN_KEY, str(uuid4()))
    # A route may hold the connection for the answer itself; here the task is wanted.
    _default(headers, "Prefer", "respond-async")
    # The answer is stored as the service gives it: one that is compressed would be no text in the task.
    _default(headers, "Accept-Encoding", "identity")
    method = options.get("method", "POST").upper()
    return Call(method, to_path(path, options), check_fields(headers), content, is_forwarded=True)


def to_path(path: str, options: SubmitOptions) -> str:
    """The path with its query; what is percent-encoded already stays as it is."""
    parameters = urlencode(to_query(options.get("params") or {}), quote_via=quote)
    separator = "&" if "?" in path else "?"
    whole = f"{path}{separator}{parameters}" if parameters else path
    return quote(whole if whole.startswith("/") else f"/{whole}", safe=_STEADY)


def to_batch_member(request: dict[str, Any]) -> dict[str, Any]:
    """A request of a batch as JSON: ``path`` and the options of ``submit``, but for ``content`` that is a stream."""
    options: SubmitOptions = {k: v for k, v in request.items() if k != "path"}  # type: ignore[assignment]
    fields: dict[str, Any] = {}
    for name, value in _header_list(options.get("headers") or ()) + directives(options):
        before = fields.get(name)
        fields[name] = (
            value if before is None else [*([before] if isinstance(before, str) else before), value]
        )
    key = options.get("idempotency_key")
    if key:
        fields["Idempotency-Key"] = key
    member: dict[str, Any] = {
        "method": options.get("method", "POST").upper(),
        "path": to_path(request["path"], options),
    }
    content, content_type = _content_of(options)
    if content_type is not None and all(name.lower() != "content-type" for name in fields):
        fields["Content-Type"] = content_type
    if content:
        member.update(_as_text(content))
    return {**member, "headers": fields} if fields else member


def _as_text(content: Any) -> dict[str, str]:
    if not isinstance(content, bytes):
        raise TypeError("A request of a batch has json, form, files, or content that is bytes or text.")
    try:
        return {"text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(content).decode("ascii")}


def _content_of(options: SubmitOptions) -> tuple[Any, str | None]:
    given = [name for name in ("json", "form", "files", "content") if name in options]
    if len(given) > 1 and given != ["form", "files"]:
        raise TypeError(f"Give one of json, form, files and content, not {' and '.join(given)}.")
    if "json" in options:
        return dumps(options["json"], ensure_ascii=False, allow_nan=False).encode(), "application/json"
    if "files" in options:
        # Read now: sent again, it must be the same bytes with the same boundary between them.
        multipart = httpx.Request("POST", "http://headgate", files=options["files"], data=options.get("form"))
        return multipart.read(), multipart.headers["Content-Type"]
    if "form" in options:
        return urlencode(options["form"], doseq=True).encode(), "application/x-www-form-urlencoded"
    content = options.get("content", b"")
    if isinstance(content, str):
        return content.encode(), "text/plain; charset=utf-8"
    return (bytes(content) if isinstance(content, (bytearray, memoryview)) else content), None


def _header_list(headers: HeaderFields) -> list[tuple[str, str]]:
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def _default(headers: list[tuple[str, str]], name: str, value: str) -> None:
    if all(given.lower() != name.lower() for given, _ in headers):
        headers.append((name, value))

"""The HTTP library, imported in one place: httpx2 where it is installed, which has the same interface, else httpx."""

from __future__ import annotations

try:
    import httpx2 as httpx
except ImportError:  # Debian has the older one only
    import httpx  # type: ignore[no-redef, import-not-found, unused-ignore]

__all__ = ["httpx"]

"""The HTTP library, imported in one place: httpx2 where it is installed, which has the same interface, else httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # One of them by name, or to a type checker everything that comes from it would be unknown.
    import httpx
else:
    try:
        import httpx2 as httpx
    except ImportError:  # Debian has the older one only
        import httpx

__all__ = ["httpx"]

"""Client of Headgate, a durable queue in front of any HTTP service.

``Headgate`` and ``AsyncHeadgate`` do everything that Headgate can; ``EnhancedProxyClient`` and
``AsyncEnhancedProxyClient`` have the names of the forwarding service that it grew from.
"""

from .async_client import AsyncHeadgate
from .async_task import AsyncBatch, AsyncTask
from .client import Headgate
from .enhanced_proxy_client import AsyncEnhancedProxyClient, EnhancedProxyClient
from .errors import (
    AccessDenied,
    Conflict,
    Gone,
    HeadgateError,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
    NotReady,
    QueueFull,
    QuotaExceeded,
    TaskFailed,
    Unreachable,
    WaitTimeout,
)
from .options import Filter, SubmitOptions
from .progress import report_progress, report_progress_async
from .records import TaskRecord
from .stream import Event
from .submission import Receipt
from .task import Batch, Task
from .webhook import WebhookVerificationError, verify_webhook

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "AsyncBatch",
    "AsyncEnhancedProxyClient",
    "AsyncHeadgate",
    "AsyncTask",
    "Batch",
    "Conflict",
    "EnhancedProxyClient",
    "Event",
    "Filter",
    "Gone",
    "Headgate",
    "HeadgateError",
    "IdempotencyMismatch",
    "InvalidRequest",
    "NotFound",
    "NotReady",
    "QueueFull",
    "QuotaExceeded",
    "Receipt",
    "SubmitOptions",
    "Task",
    "TaskFailed",
    "TaskRecord",
    "Unreachable",
    "WaitTimeout",
    "WebhookVerificationError",
    "report_progress",
    "report_progress_async",
    "verify_webhook",
]

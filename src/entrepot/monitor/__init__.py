"""Health: are we in sync and is everything that waits getting done; invariants: does the store agree with
itself."""

from entrepot.monitor.found import Violation
from entrepot.monitor.ready import Finding, readiness
from entrepot.monitor.status import Status, healthy, nothing, problems, take_status
from entrepot.monitor.verify import INVARIANTS, Report, verify

__all__ = [
    "INVARIANTS",
    "Finding",
    "Report",
    "Status",
    "Violation",
    "healthy",
    "nothing",
    "problems",
    "readiness",
    "take_status",
    "verify",
]

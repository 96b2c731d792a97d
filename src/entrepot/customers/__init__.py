"""People and addresses, sealed; the only room with personal data."""

from entrepot.customers.forget import Traces, alike, forget, forgotten, tracer, traces
from entrepot.customers.people import NOBODY, Person, keep, show

__all__ = ["NOBODY", "Person", "Traces", "alike", "forget", "forgotten", "keep", "show", "tracer", "traces"]

"""People and addresses, sealed; the only room with personal data."""

from entrepot.customers.people import NOBODY, Person, keep, show

__all__ = ["NOBODY", "Person", "keep", "show"]

"""The conformance suite: every promise of the adapter contract, tried on an adapter and its emulated
platform.

Each promise is a function in the file of its group; `promises.py` prints them all. The suite names no
platform: what it must know of one stands in `trial.py` of its folder.
"""

from entrepot.sandbox.conformance.promise import Outcome, Promise, Verdict
from entrepot.sandbox.conformance.promises import PROMISES
from entrepot.sandbox.conformance.run import Report, check, tier, tried

__all__ = ["PROMISES", "Outcome", "Promise", "Report", "Verdict", "check", "tier", "tried"]

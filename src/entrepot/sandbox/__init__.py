"""The emulated world: shops, tills and shoppers around a real hub, faults and a clock of its own."""

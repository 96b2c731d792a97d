"""Entrepot: one ledger of stock, one queue of orders, for every channel a merchant sells on."""

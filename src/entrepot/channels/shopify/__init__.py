"""Shopify: web shops and tills over one catalogue, one stock figure per item and location."""

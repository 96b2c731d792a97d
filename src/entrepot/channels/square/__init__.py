"""Square: tills in several locations, orders from its own shops and APIs, one stock figure per location."""

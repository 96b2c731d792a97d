"""Pages for people, and the shell around the webhook door: the only room that is async."""

from entrepot.web.app import make_app
from entrepot.web.server import Serving, serve, start

__all__ = ["Serving", "make_app", "serve", "start"]

"""Links that let a user in, as the command line prints them."""

from entrepot import access
from entrepot.access import Role, links
from entrepot.db import Store, Tx


class Links:
    """Makes links for one user of a hub, who is made with the first of them."""

    def __init__(self, store: Store, *, role: Role = Role.OWNER, login: str = "") -> None:
        self._store, self._role, self._login = store, role, login or str(role)

    def link(self) -> str:
        """The path of a new link; it works once, within an hour."""
        return f"/login/{self._store.run(self._made, actor='cli', source='test')}"

    def _made(self, tx: Tx) -> str:
        here = {one.login: one.id for one in access.views.users(tx)}
        if self._login not in here:
            bound = frozenset({"main"}) if self._role is Role.STORE else None
            links.made(tx, self._login, name=self._login.title(), role=self._role, locations=bound)
        return links.enter_link(tx, access.known(tx, self._login))

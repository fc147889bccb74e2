"""Who looks at a page, and what they may do."""

from dataclasses import dataclass

from heedful.common.security.keys import EVERYTHING, Scope
from heedful.common.security.role_scopes import SCOPES
from heedful.common.security.roles import Role
from heedful.console.sessions.preference import Preference
from heedful.console.sessions.session import Session
from heedful.console.upstream.services import Callers


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has signed in and looks at a page.

    Attributes:
        token: of the session's cookie.
        ask: the services, asked for them.
    """

    session: Session
    token: str
    preference: Preference
    ask: Callers

    def may(self, scope: Scope) -> bool:
        """Whether their role has this scope: what it lacks is neither shown nor taken."""
        has = SCOPES[self.session.role]
        return EVERYTHING in has or scope in has

    def is_at_least(self, role: str) -> bool:
        """For templates: `viewer.is_at_least("lead")`."""
        return self.session.role >= Role(role)

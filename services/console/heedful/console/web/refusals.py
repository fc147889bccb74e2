"""Why the console itself refuses a request."""

from heedful.common.errors import HeedfulError
from heedful.common.security.keys import Scope


class Refusal(HeedfulError):
    """A page is not shown, or a form not taken."""


class NotSignedIn(Refusal):
    """There is no session, or it has ended."""


class OtherSite(Refusal):
    """A form without the session's own mark: another site made it, or the session is a new one."""


class RoleTooLow(Refusal):
    """The role of who asks lacks a scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"the role lacks the scope {scope}")
        self.scope = scope

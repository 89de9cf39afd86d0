"""What each code means, one file a family, in the order of the codes."""

from __future__ import annotations

from halod.config.codes import Code, Meaning
from halod.config.meanings.compatibility import COMPATIBILITY
from halod.config.meanings.elsewhere import ELSEWHERE
from halod.config.meanings.host import HOST
from halod.config.meanings.mail import MAIL
from halod.config.meanings.more_risks import MORE_RISKS
from halod.config.meanings.references import REFERENCES
from halod.config.meanings.risks import RISKS
from halod.config.meanings.servers import SERVERS
from halod.config.meanings.syntax import SYNTAX
from halod.config.meanings.tracking import TRACKING
from halod.config.meanings.values import VALUES

__all__ = ["MEANINGS"]

_FAMILIES = (
    *(SYNTAX, VALUES, REFERENCES, HOST, RISKS),
    *(ELSEWHERE, TRACKING, MORE_RISKS, MAIL, SERVERS, COMPATIBILITY),
)
MEANINGS: dict[Code, Meaning] = {
    code: family[code] for code in Code for family in _FAMILIES if code in family
}

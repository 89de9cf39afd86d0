"""One page as HTTP_GET sees it, for who wants to know its digest.

Knows how one is asked for and waited for. Must not know what is done with it.
"""

from __future__ import annotations

from halod.checker.attempt import outcome_of
from halod.checker.http_answer import HttpAnswer
from halod.checker.http_check import receive_answer
from halod.checker.outcome import Outcome
from halod.checker.reactor import Reactor
from halod.checker.visit import Visit
from halod.model.check import HttpCheck

__all__ = ["fetch_page"]


def fetch_page(check: HttpCheck) -> tuple[Outcome, HttpAnswer | None]:
    """What became of it, and the answer where one came. Its first page, whatever its status is."""
    answers: list[HttpAnswer] = []
    found: list[Outcome] = []

    async def receive() -> str:
        answer = await receive_answer(check, check.pages[0], visit)
        answers.append(answer)
        return f"status {answer.status}"

    reactor = Reactor()
    visit = Visit(reactor)
    try:
        visit.start(outcome_of(receive(), visit), found.append)
        while not found:
            reactor.turn()
    finally:
        visit.cancel()
        reactor.close()
    return found[0], answers[0] if answers else None

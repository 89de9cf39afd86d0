"""Mail that waits: nothing is lost silently, and nothing holds up the others."""

from hypothesis import given
from hypothesis import strategies as st

from halod.model.units import ZERO, Duration, Instant
from halod.telling.letter import Letter
from halod.telling.mailbag import KEPT_FOR, RETRY_FIRST, RETRY_MAX, WAITING_MAX, Mailbag, Queued

START = Instant(Duration.seconds(1000).ns)


def mail(number: int, since: Instant = START) -> Queued:
    return Queued(Letter(f"subject {number}", "text\n"), since, 0.0)


def test_mails_go_in_their_order() -> None:
    bag = Mailbag()
    for number in range(3):
        assert bag.add(mail(number))
    for number in range(3):
        assert bag.first() == mail(number)
        bag.delivered(bag.first())
    assert (len(bag), bag.sent, bag.due()) == (0, 3, None)


def test_a_server_that_is_away_is_tried_again_and_again_but_never_hurried() -> None:
    bag, now = Mailbag(), START
    bag.add(mail(0))
    bag.add(mail(1))
    waits = []
    for _ in range(9):
        waits.append(bag.failed(bag.first(), now, permanent=False))
        now = now + waits[-1]
        assert bag.due() == now
        assert bag.first() == mail(0)
    assert waits[:3] == [RETRY_FIRST, RETRY_FIRST * 2, RETRY_FIRST * 4]
    assert waits[-1] == RETRY_MAX
    bag.delivered(bag.first())
    assert bag.first() == mail(1)
    assert bag.due() == Instant(0)
    assert bag.failed(bag.first(), now, permanent=False) == RETRY_FIRST


def test_a_mail_that_the_server_will_not_have_goes_behind_the_others() -> None:
    bag = Mailbag()
    bag.add(mail(0))
    bag.add(mail(1))
    bag.failed(bag.first(), START, permanent=True)
    assert bag.first() == mail(1)
    bag.delivered(bag.first())
    assert bag.first() == mail(0)


def test_the_oldest_goes_where_too_many_wait() -> None:
    bag = Mailbag()
    added = [bag.add(mail(number)) for number in range(WAITING_MAX + 1)]
    assert added == [True] * WAITING_MAX + [False]
    assert (len(bag), bag.lost, bag.first()) == (WAITING_MAX, 1, mail(1))


def test_the_one_that_is_being_sent_may_be_given_up_meanwhile() -> None:
    bag = Mailbag()
    bag.add(mail(0))
    sending = bag.first()
    for number in range(1, WAITING_MAX + 1):
        bag.add(mail(number))
    bag.failed(sending, START, permanent=True)
    assert len(bag) == WAITING_MAX
    assert bag.first() == mail(1)


def test_what_is_too_old_is_given_up() -> None:
    bag = Mailbag()
    bag.add(mail(0))
    bag.add(mail(1, START + Duration.seconds(60)))
    assert bag.expire(START + KEPT_FOR - Duration(1)) == 0
    assert bag.expire(START + KEPT_FOR) == 1
    assert bag.first() == mail(1, START + Duration.seconds(60))


@given(st.lists(st.sampled_from(["add", "sent", "again", "never", "old"]), max_size=600))
def test_each_mail_waits_or_was_sent_or_is_counted_as_lost(steps: list[str]) -> None:
    bag, now, added = Mailbag(), START, 0
    for step in steps:
        now = now + Duration.seconds(3600 if step == "old" else 1)
        if step == "add":
            bag.add(mail(added, now))
            added += 1
        elif step == "old":
            bag.expire(now)
        elif len(bag):
            if step == "sent":
                bag.delivered(bag.first())
            else:
                wait = bag.failed(bag.first(), now, permanent=step == "never")
                assert ZERO < wait <= RETRY_MAX
        assert len(bag) + bag.sent + bag.lost == added

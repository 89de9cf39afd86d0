"""Whatever happens, in whatever order, and however long the process slept: what always holds."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from halod.engine.ready import Ready
from halod.engine.vrrp_engine import VrrpEngine
from halod.model.effect import (
    AnnounceAddresses,
    GrantAddresses,
    InstallRouting,
    Mention,
    Notify,
    OpenGate,
    RemoveRouting,
    RenewAddresses,
    RevokeAddresses,
    SendAdvert,
    ShutGate,
)
from halod.model.event import (
    AddressLost,
    AdvertSendFailed,
    Event,
    Granted,
    GrantFailed,
    LinkGone,
    LinkObserved,
    LossBy,
    Reconfigured,
    Started,
    StopRequested,
    TimerFired,
)
from halod.model.fact import StateChanged
from halod.model.state import State
from halod.model.units import ZERO, Duration
from halod.model.vrrp import GarpPolicy, LeaseMode, VrrpInstance, VrrpVersion
from tests.kit.build import ETH, LB01, LB02, LB03, MS, VIP, VIP2, S, at, instance, link, received

OTHER = instance(name="VI_2", virtual_router_id=52, addresses=(VIP2,))
CONFIGS = [
    (instance(), OTHER),
    (instance(priority=255),),
    (instance(addresses=(VIP, VIP2), lease=LeaseMode.OFF),),
    (instance(down_timer_adverts=1, preempt=False),),
    (instance(preempt_delay=S * 5, garp=GarpPolicy(delay=ZERO, refresh=S * 2)),),
    (instance(version=VrrpVersion.V3, password=None, advert_interval=MS * 10), OTHER),
    (instance(virtual_router_id=52), instance(name="VI_2", addresses=(VIP2,))),
    (),
]
SENDERS = [instance(), OTHER, instance(version=VrrpVersion.V3, password=None)]

waits = st.one_of(st.integers(0, 2000), st.integers(2000, 100_000)).map(lambda ms: MS * ms)
adverts = st.builds(
    received,
    st.sampled_from(SENDERS),
    st.sampled_from([LB01, LB02, LB03]),
    st.sampled_from([0, 1, 100, 150, 255]),
)
events = st.one_of(
    adverts,
    st.just(TimerFired()),
    st.sampled_from(CONFIGS).map(Reconfigured),
    st.builds(Granted, st.sampled_from(["VI_1", "VI_2"]), st.integers(1, 3), st.just(())),
    st.builds(Granted, st.just("VI_1"), st.integers(1, 3), st.just((VIP,))),
    st.builds(
        GrantFailed, st.sampled_from(["VI_1", "VI_2"]), st.integers(1, 3), st.just("no memory")
    ),
    st.builds(
        AddressLost,
        st.sampled_from([VIP.address, VIP2.address]),
        st.just(ETH),
        st.sampled_from(LossBy),
    ),
    st.builds(AdvertSendFailed, st.sampled_from(["VI_1", "VI_2"]), st.just("not permitted")),
    st.sampled_from(
        [
            LinkObserved(link(LB02)),
            LinkObserved(link(LB03)),
            LinkObserved(link(None)),
            LinkObserved(link(LB02, running=False)),
            LinkGone(ETH),
            Started(),
            StopRequested(),
        ]
    ),
)


class Judge:
    """Reads every batch as the world does, and knows what each instance may do."""

    def __init__(self, engine: VrrpEngine) -> None:
        self.engine = engine
        self.states: dict[str, State] = defaultdict(lambda: State.INITIALIZE)
        self.held: dict[str, int] = {}
        """Instance to the term that holds addresses."""
        self.terms: dict[str, int] = defaultdict(int)

    def see(self, ready: Ready) -> None:
        self._see_states(ready)
        said = {e.instance for e in ready.effects if isinstance(e, SendAdvert) and e.priority > 0}
        for effect in ready.in_order():
            match effect:
                case GrantAddresses(name, term):
                    assert name in said, "no address without an advert"
                    assert term >= self.terms[name], "a term that is over comes back"
                    self.terms[name] = self.held[name] = term
                case RevokeAddresses(name, term):
                    if self.states[name] is not State.MASTER:
                        assert self.held.pop(name, term) == term
                case RenewAddresses(name, term):
                    assert name in said, "no renewal without an advert"
                    assert self.held.get(name) == term, "renewed, and nobody put it up"
                case AnnounceAddresses(name, term):
                    assert self.held.get(name) == term, "announced, and nobody put it up"
                case InstallRouting(name, term):
                    assert self.held.get(name) == term, "a way without its address"
                case (
                    SendAdvert() | Notify() | Mention() | OpenGate() | ShutGate() | RemoveRouting()
                ):
                    pass
        self._see_view()

    def _see_states(self, ready: Ready) -> None:
        told = [fact for fact in ready.facts if isinstance(fact, StateChanged)]
        for fact in told:
            if fact.old is not State.INITIALIZE:
                assert self.states[fact.instance] is fact.old
            self.states[fact.instance] = fact.new
        notified = [effect for effect in ready.effects if isinstance(effect, Notify)]
        assert [(n.instance, n.state) for n in notified] == [(f.instance, f.new) for f in told]

    def _see_view(self) -> None:
        states = dict(self.engine.states())
        for name, state in states.items():
            assert self.states[name] is state, "a change that was not told"
            assert (name in self.held) == (state is State.MASTER), "held by no master"
        for gone in set(self.states) - set(states):
            assert self.states.pop(gone) is State.INITIALIZE
            assert gone not in self.held


@settings(max_examples=300)
@given(st.sampled_from(CONFIGS), st.lists(st.tuples(waits, events), max_size=40))
def test_what_always_holds(
    configs: tuple[VrrpInstance, ...], script: list[tuple[Duration, Event]]
) -> None:
    engine = VrrpEngine(configs)
    judge = Judge(engine)
    now = at(1)
    start: list[tuple[Duration, Event]] = [(ZERO, LinkObserved(link(LB02))), (ZERO, Started())]
    for wait, event in start + script:
        now = now + wait
        judge.see(engine.handle(event, now))
        for shown in engine.view(now).instances:
            assert shown.holds_addresses == (shown.state == "MASTER")
            assert (shown.master_down_in_s is not None) == (shown.state == "BACKUP")
            assert shown.why.startswith(f"{shown.name} is {shown.state} on {shown.interface}")
            assert shown.rival is None or shown.state in ("MASTER", "BACKUP")
        due = engine.deadline()
        running = {State.BACKUP, State.MASTER} & set(judge.states.values())
        assert (due is not None) or not running, "a running instance with nothing to wait for"

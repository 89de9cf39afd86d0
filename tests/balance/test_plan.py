"""From one table to another: the fewest operations, in an order that never stops what serves."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from halod.balance.plan import applied, operation_key, plan, plan_service
from halod.model.endpoint import Endpoint, Protocol, ServiceKey
from halod.model.service_table import (
    AddDestination,
    AddService,
    Destination,
    RemoveDestination,
    RemoveService,
    Service,
    ServiceTable,
    UpdateDestination,
    UpdateService,
)
from halod.model.virtual_server import Forwarding, Method

KEYS = [
    ServiceKey(4, Protocol.TCP, Endpoint(IPv4Address("192.0.2.1"), 80)),
    ServiceKey(4, Protocol.UDP, Endpoint(IPv4Address("192.0.2.1"), 80)),
    ServiceKey(4, None, None, 3),
    ServiceKey(6, None, None, 3),
]
PLACES = [Endpoint(IPv4Address(f"10.0.0.{number}"), 80) for number in range(5)]
FORWARDINGS = [Forwarding(), Forwarding(Method.DR)]


def destinations() -> st.SearchStrategy[dict[Endpoint, Destination]]:
    made = st.builds(
        Destination,
        st.sampled_from(PLACES),
        st.integers(0, 3),
        st.sampled_from(FORWARDINGS),
    )
    return st.lists(made, max_size=5).map(lambda found: {each.endpoint: each for each in found})


@st.composite
def tables(draw: st.DrawFn) -> ServiceTable:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    schedulers = st.sampled_from(["wlc", "rr", "sh"])
    return ServiceTable(
        {key: Service(key, draw(schedulers)) for key in keys},
        {key: draw(destinations()) for key in keys},
    )


def serves(table: ServiceTable, key: ServiceKey) -> bool:
    return any(each.weight for each in table.destinations.get(key, {}).values())


@given(tables(), tables(), st.sets(st.sampled_from(KEYS)))
def test_what_is_planned_makes_it_so_and_then_nothing_is_left(
    desired: ServiceTable, observed: ServiceTable, ours: set[ServiceKey]
) -> None:
    made = applied(observed, plan(desired, observed, ours))
    assert plan(desired, made, ours) == ()
    for key, service in desired.services.items():
        assert made.services[key] == service
        assert made.destinations[key] == desired.destinations[key]
    for key in observed.services.keys() - desired.services.keys():
        assert (key in made.services) == (key not in ours), "what is not ours stays as it was"
        if key in made.services:
            assert made.destinations[key] == observed.destinations[key]


@given(tables(), tables(), st.sets(st.sampled_from(KEYS)))
def test_wherever_it_is_cut_off_what_serves_goes_on(
    desired: ServiceTable, observed: ServiceTable, ours: set[ServiceKey]
) -> None:
    operations = plan(desired, observed, ours)
    both = [key for key in desired.services if key in observed.services]
    kept = [key for key in both if serves(desired, key) and serves(observed, key)]
    for end in range(len(operations) + 1):
        between = applied(observed, operations[:end])
        assert all(key in between.services for key in both)
        assert all(serves(between, key) for key in kept)


@given(tables(), tables(), st.sets(st.sampled_from(KEYS)))
def test_nothing_is_touched_twice_nor_without_need(
    desired: ServiceTable, observed: ServiceTable, ours: set[ServiceKey]
) -> None:
    operations = plan(desired, observed, ours)
    places = [operation_key(operation) for operation in operations]
    assert len(set(places)) == len(places)
    for operation, (key, place) in zip(operations, places, strict=True):
        if place is None:
            assert desired.services.get(key) != observed.services.get(key)
        else:
            there = observed.destinations.get(key, {}).get(place)
            assert desired.destinations[key].get(place) != there
        # A service that is in both is changed in place: it keeps its connections.
        if isinstance(operation, RemoveService):
            assert key not in desired.services


def test_the_sorry_server_stands_before_the_others_go() -> None:
    key = KEYS[0]
    before = {place: Destination(place, 1) for place in PLACES[:2]}
    sorry = Destination(PLACES[4], 1)
    operations = plan_service(Service(key, "wlc"), {PLACES[4]: sorry}, Service(key, "wlc"), before)
    assert operations == [
        AddDestination(key, sorry),
        RemoveDestination(key, PLACES[0]),
        RemoveDestination(key, PLACES[1]),
    ]


def test_weight_is_gained_before_it_is_lost() -> None:
    key = KEYS[0]
    before = {PLACES[0]: Destination(PLACES[0], 5), PLACES[1]: Destination(PLACES[1], 0)}
    after = {PLACES[0]: Destination(PLACES[0], 0), PLACES[1]: Destination(PLACES[1], 5)}
    assert plan_service(Service(key, "wlc"), after, Service(key, "rr"), before) == [
        UpdateService(Service(key, "wlc")),
        UpdateDestination(key, after[PLACES[1]]),
        UpdateDestination(key, after[PLACES[0]]),
    ]


def test_a_service_that_stood_without_destinations_may_be_missing_among_them() -> None:
    key = KEYS[2]
    observed = ServiceTable({key: Service(key, "wlc")}, {})
    desired = ServiceTable({key: Service(key, "wlc")}, {key: {}})
    assert plan(desired, observed, ()) == ()
    assert plan(ServiceTable(), observed, [key]) == (RemoveService(key),)
    assert plan(desired, ServiceTable(), ()) == (AddService(Service(key, "wlc")),)

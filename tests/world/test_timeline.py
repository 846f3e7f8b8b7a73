"""The timeline: events become records that begin and end at their steps."""

import pytest

from systems import worlds
from tacoma.errors import ScenarioError
from tacoma.scenario import from_dict
from tacoma.world.build import build
from tacoma.world.codes import FAULT, FAULT_KINDS, SOURCE_MODES, SPOT
from tacoma.world.limits import LAG_SECONDS_MAX
from tacoma.world.timeline import step_of

GATEWAY = {"kind": "gateway", "venue": "binance", "at": "15:56", "until": "16:02"}


def world_of(events, **clock):
    table = worlds.table(100, timeline=events)
    table["clock"] |= clock
    return build(from_dict(table), 7)


def records(events, **clock):
    """Return (step, what, component, first, second, third) of each record of a timeline."""
    queue = world_of(events, **clock).inputs
    rows = queue.rows[: int(queue.length[0])]
    assert (rows.kind == FAULT).all()
    return [
        (int(row.step), FAULT_KINDS[row.market], int(row.account), int(row["first"]),
         int(row.second), int(row.third))
        for row in rows
    ]  # fmt: skip


def test_a_fault_begins_and_ends():
    """An event changes its component at `at` and restores it at `until`."""
    events = [GATEWAY | {"availability": "40 %"}]
    assert records(events) == [
        (60, "gateway", 0, 400_000, 0, 0), (420, "gateway", 0, 1_000_000, 0, 0)
    ]  # fmt: skip


def test_records_are_in_order_of_step():
    """Records follow the clock, whatever the order of the file; ties keep the file's order."""
    news = [{"kind": "news", "at": at} for at in ("16:01", "15:57")]
    steps = [row[0] for row in records([*news, GATEWAY | {"availability": 0}])]
    assert steps == [60, 120, 360, 420]


@pytest.mark.parametrize(
    ("event", "what", "first"),
    [
        ({"kind": "depth", "venue": "binance", "asset": "SOL", "factor": 0.25}, "depth", 250_000),
        ({"kind": "volatility", "factor": 2.5}, "volatility", 2_500_000),
        ({"kind": "sell", "venue": "binance", "asset": "USDE", "amount": "3_000 USD"}, "sell", 300),
    ],
)
def test_kinds(event, what, first):
    """Factors are in ppm, sales in lots."""
    rows = records([event | {"at": "15:56", "until": "15:57"}])
    assert rows[0][:2] + rows[0][3:4] == (60, what, first)


@pytest.mark.parametrize(
    ("mode", "more", "second", "third"),
    [
        ("frozen", {}, 0, 1_000_000), ("dead", {}, 0, 1_000_000),
        ("lagging", {"lag": "30 s"}, 30, 1_000_000), ("lying", {"factor": 0.9}, 0, 900_000),
    ],
)  # fmt: skip
def test_sources(mode, more, second, third):
    """A source fails for the assets it is said to, or for all, and lives again afterwards."""
    event = {"kind": "source", "source": "okx", "mode": mode, "at": "15:56", "until": "15:57"}
    built = world_of([])
    sources, okx = len(built.directory.sources), built.directory.sources.index("okx")
    for assets in (["ETH"], []):
        rows = records([event | more | {"assets": assets}])
        names = assets or built.directory.assets
        components = [built.directory.assets.index(name) * sources + okx for name in names]
        assert [row[2] for row in rows if row[0] == 60] == components
        assert {row[3:] for row in rows if row[0] == 60} == {
            (SOURCE_MODES.index(mode), second, third)
        }
        assert {row[3:] for row in rows if row[0] == 120} == {(0, 0, 1_000_000)}


@pytest.mark.parametrize(
    ("step", "time", "expected"),
    [("1 s", "15:55", 1), ("1 s", "15:55:01", 1), ("1 s", "15:56", 60), ("10 s", "15:56", 6),
     ("10 s", "15:55:05", 1), ("10 s", "15:56:09", 6), ("60 s", "16:05", 10)],
)  # fmt: skip
def test_times_become_steps(step, time, expected):
    """A time falls into the step that it lies in, at least the first."""
    table = worlds.table(100, timeline=[])
    table["clock"]["step"] = step
    assert step_of(from_dict(table), time) == expected


def test_a_sale_has_an_owner():
    """A sale has a time and an owner, who holds all of its lots."""
    event = {
        "kind": "sell", "venue": "binance", "asset": "USDE", "amount": "6 M USD", "at": "15:56",
        "until": "15:57",
    }  # fmt: skip
    built = world_of([event])
    sale = built.agents.keepers.sales[0]
    market = built.directory.market("binance", "USDE", kind=SPOT)
    assert sale.tolist() == (built.found.sellers[0], market.row, 600_000, 60, 120)
    mine = built.world.positions.account == built.found.sellers[0]
    assert int(built.world.positions.lots[mine].sum()) == 600_000


def sold(amount, until):
    """Return the lots that a sale on a calm day sold in the end."""
    event = {
        "kind": "sell", "venue": "binance", "asset": "USDE", "amount": amount, "at": "15:56",
        "until": until,
    }  # fmt: skip
    driven = worlds.driven(from_dict(worlds.table(100, timeline=[event]))).driven
    seller, world = driven.built.found.sellers[0], driven.built.world
    wanted = next(r for r in driven.built.inputs.rows if r.kind == FAULT)["first"]
    return int(wanted) - int(world.positions.lots[world.positions.account == seller].sum())


def test_a_sale_sells_what_it_says():
    """A sale that divides evenly over its time is sold to the last lot."""
    assert sold("6 M USD", "15:57") == 600_000


@pytest.mark.parametrize(("amount", "until"), [("3_000 USD", "16:02"), ("7_770 USD", "15:57")])
def test_an_uneven_sale_sells_what_it_says(amount, until):
    """A sale of fewer lots than steps, or of an uneven number, is sold to the last lot too."""
    assert sold(amount, until) == int(amount.split()[0].replace("_", "")) // 10


def test_overlapping_faults():
    """While one of two faults of a gateway lasts, the gateway is not whole."""
    events = [
        GATEWAY | {"availability": "40 %"},
        GATEWAY | {"availability": 0, "at": "15:57", "until": "15:58"},
    ]
    after = [row for row in records(events) if row[0] == 180]
    assert after == [(180, "gateway", 0, 400_000, 0, 0)]


@pytest.mark.parametrize(("lag", "step"), [("20 min", "1 s"), ("500 ms", "1 s")])
def test_lags_are_kept_or_refused(lag, step):
    """A source lags by as much as the event says, or the scenario is refused."""
    event = {
        "kind": "source", "source": "okx", "mode": "lagging", "lag": lag, "at": "15:56",
        "until": "16:02",
    }  # fmt: skip
    try:
        rows = records([event], step=step)
    except ScenarioError:
        return
    assert 0 < rows[0][4] < LAG_SECONDS_MAX

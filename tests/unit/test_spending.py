"""What analyses may cost, and what stops them."""

from decimal import Decimal
from typing import Any

import pytest

from tasks.core import spending
from tasks.core.spending import Limits, Prices, Spent, Usage

PRICES = Prices(input=Decimal(3), output=Decimal(15), cache_read=Decimal("0.3"), cache_write=Decimal("3.75"))


def test_a_reply_costs_what_its_tokens_cost_by_kind() -> None:
    usage = Usage(input_tokens=1000, output_tokens=2000, cache_read_tokens=10_000, cache_write_tokens=400)
    assert Decimal("0.037500") == spending.cost(usage, PRICES)
    assert spending.cost(usage, None) is None


@pytest.mark.parametrize(
    ("limits", "spent", "words"),
    [
        ({"steps": 3}, {"steps": 3}, "its 3 steps"),
        ({"tokens": 100}, {"tokens": 120}, "120 of its 100 tokens"),
        ({"minutes": 0.5}, {"seconds": 31}, "0.5 minutes"),
        ({"cost_usd": "0.10"}, {"cost_usd": Decimal("0.11")}, "$0.11 of its $0.10"),
        ({"cost_usd_per_day": 2}, {"cost_usd_today": Decimal(2)}, "waits for tomorrow"),
        ({"cost_usd_in_all": 9}, {"cost_usd_in_all": Decimal(9)}, "raise it in crashflow.toml"),
    ],
)
def test_each_limit_stops_the_next_call_and_is_named(limits: dict[str, Any], spent: dict[str, Any], words: str) -> None:
    reason = spending.refusal_to_go_on(Spent(**spent), Limits(**limits))
    assert reason is not None
    assert words in reason
    assert spending.refusal_to_go_on(Spent(), Limits(**limits)) is None


def test_the_tenth_analysis_of_a_day_with_a_limit_of_nine_is_not_begun() -> None:
    limits = Limits(analyses_per_day=9)
    assert spending.refusal_to_begin(Spent(analyses_today=8), limits) is None
    assert "9 analyses a day" in (spending.refusal_to_begin(Spent(analyses_today=9), limits) or "")
    assert spending.refusal_to_go_on(Spent(analyses_today=9), limits) is None


def test_money_needs_prices() -> None:
    assert Limits(cost_usd=Decimal(1)).needs_prices
    assert not Limits().needs_prices

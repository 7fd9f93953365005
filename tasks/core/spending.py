"""
What analyses may cost, and what they did: tokens, money, steps, minutes; checked before each call of a model.

Prices are dollars for a million tokens, as providers list them; they are configuration, because they change.
"""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

MILLION = Decimal(1_000_000)


class Prices(BaseModel):
    """Dollars for a million tokens of one model, by kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cache_read: Decimal = Field(default=Decimal(0), ge=0)
    cache_write: Decimal = Field(default=Decimal(0), ge=0)


class Limits(BaseModel):
    """
    What may be spent; None is no limit.

    Of one fix: replies of the model (``steps``), ``tokens`` in and out, ``cost_usd``, ``minutes``. Of a day, from
    midnight UTC on, and in all: analyses begun and dollars.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(default=60, ge=1)
    tokens: int | None = Field(default=2_000_000, ge=1)
    minutes: float = Field(default=30.0, gt=0)
    cost_usd: Decimal | None = Field(default=None, ge=0)
    analyses_per_day: int | None = Field(default=20, ge=0)
    cost_usd_per_day: Decimal | None = Field(default=None, ge=0)
    cost_usd_in_all: Decimal | None = Field(default=None, ge=0)

    @property
    def needs_prices(self) -> bool:
        """Say whether a limit can only be kept where the model's prices are known."""
        return any(limit is not None for limit in (self.cost_usd, self.cost_usd_per_day, self.cost_usd_in_all))


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one reply, as the provider counts them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What was spent: of one fix, of the day, and in all."""

    steps: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost_usd: Decimal = Decimal(0)
    analyses_today: int = 0
    cost_usd_today: Decimal = Decimal(0)
    cost_usd_in_all: Decimal = Decimal(0)


def cost(usage: Usage, prices: Prices | None) -> Decimal | None:
    """Return the dollars of a reply, None where the prices of its model are not known."""
    if prices is None:
        return None
    dollars = (
        prices.input * usage.input_tokens
        + prices.output * usage.output_tokens
        + prices.cache_read * usage.cache_read_tokens
        + prices.cache_write * usage.cache_write_tokens
    ) / MILLION
    return dollars.quantize(Decimal("0.000001"))


def refusal_to_begin(spent: Spent, limits: Limits) -> str | None:
    """Return the limit that keeps another analysis from being begun today, None where none does."""
    if limits.analyses_per_day is not None and spent.analyses_today >= limits.analyses_per_day:
        return (
            f"the limit of {limits.analyses_per_day} analyses a day is reached (limits.analyses_per_day); "
            "it waits for tomorrow"
        )
    return _money(spent, limits)


def refusal_to_go_on(spent: Spent, limits: Limits) -> str | None:
    """Return the limit that keeps a fix's next call from being made, None where none does."""
    if spent.steps >= limits.steps:
        return f"the fix has taken its {limits.steps} steps (limits.steps)"
    if limits.tokens is not None and spent.tokens >= limits.tokens:
        return f"the fix has taken {spent.tokens:,} of its {limits.tokens:,} tokens (limits.tokens)"
    if spent.seconds >= limits.minutes * 60:
        return f"the fix has taken its {limits.minutes:g} minutes (limits.minutes)"
    if limits.cost_usd is not None and spent.cost_usd >= limits.cost_usd:
        return f"the fix has cost ${spent.cost_usd:.2f} of its ${limits.cost_usd} (limits.cost_usd)"
    return _money(spent, limits)


def _money(spent: Spent, limits: Limits) -> str | None:
    if limits.cost_usd_per_day is not None and spent.cost_usd_today >= limits.cost_usd_per_day:
        return (
            f"analyses have cost ${spent.cost_usd_today:.2f} today, of ${limits.cost_usd_per_day} "
            "(limits.cost_usd_per_day); it waits for tomorrow"
        )
    if limits.cost_usd_in_all is not None and spent.cost_usd_in_all >= limits.cost_usd_in_all:
        return (
            f"analyses have cost ${spent.cost_usd_in_all:.2f} in all, of ${limits.cost_usd_in_all} "
            "(limits.cost_usd_in_all); raise it in crashflow.toml to go on"
        )
    return None

"""What models cost: a versioned table that a user can replace by a file of the same shape."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in the currency of the table.

    Attributes:
        input: Of a request.
        output: Of an answer, hidden tokens included.

    """

    input: Decimal
    output: Decimal

    @property
    def is_free(self) -> bool:
        """Whether nothing costs anything, as on a server of one's own."""
        return self.input == self.output == 0

    def of(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """Money for so many tokens."""
        return (self.input * prompt_tokens + self.output * completion_tokens) / MILLION


@dataclass(frozen=True, slots=True)
class Tariff:
    """What one model costs.

    Attributes:
        price: Its price; None is unknown, which is not free.
        currency: Currency of the price.
        version: Version of the price table.

    """

    price: Price | None
    currency: str
    version: str

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
        """Money for so many tokens, if the price is known."""
        return self.price.of(prompt_tokens, completion_tokens) if self.price else None


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices of models at one time.

    Attributes:
        version: Names the table, e.g. the date on which its prices were looked up.
        currency: Currency of all prices, e.g. `USD`.
        prices: Price by exact name of the model; a model that is not here has no price, which is not 0.
        batch_prices: Price in the batch interface, by exact name.

    """

    version: str
    currency: str
    prices: Mapping[str, Price]
    batch_prices: Mapping[str, Price]

    @classmethod
    def read(cls, path: Path | None = None) -> "PriceTable":
        """Read a table, or the one that comes with the package.

        Raises:
            ValueError: the file is no price table.
            OSError: the file cannot be read.

        """
        shipped = resources.files("workflowbench.llm") / "data" / "prices.toml"
        text = (path or shipped).read_text(encoding="utf-8")
        try:
            return cls._of(tomllib.loads(text, parse_float=Decimal))
        except (KeyError, TypeError, AttributeError, ArithmeticError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{path or shipped} is no price table: {error!r}.") from error

    def tariff(self, model: str, *, is_batch: bool = False) -> Tariff:
        """What a model costs, asked directly or through the batch interface."""
        prices = self.batch_prices if is_batch else self.prices
        return Tariff(prices.get(model), self.currency, self.version)

    @classmethod
    def _of(cls, table: Mapping[str, Any]) -> "PriceTable":
        prices, batch_prices = {}, {}
        for row in table["price"]:
            for model in row["models"]:
                prices[model] = Price(Decimal(row["input"]), Decimal(row["output"]))
                if "batch_input" in row:
                    batch_prices[model] = Price(Decimal(row["batch_input"]), Decimal(row["batch_output"]))
        if any(price.input < 0 or price.output < 0 for price in (*prices.values(), *batch_prices.values())):
            raise ValueError("A price is negative.")
        return cls(str(table["version"]), str(table["currency"]), prices, batch_prices)

"""What questions will take, before they are asked."""

from decimal import Decimal

from exchanges import echo, question, settings
from model_server import ModelServer

from workflowbench.llm.budget import Budget
from workflowbench.llm.estimates import BYTES_PER_TOKEN, TokenEstimate, forecast
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import Price, PriceTable, Tariff
from workflowbench.llm.requests import Request
from workflowbench.llm.server import ServerModel

TARIFF = Tariff(Price(Decimal(1), Decimal(4)), "EUR", "test-1")


def test_a_forecast_asks_nothing(ledger: Ledger) -> None:
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        figures = model.price_of([question(1), question(2), question(1)])
    assert not server.received
    assert (figures.questions, figures.requests, figures.completion_tokens_most) == (3, 2, 200)


def test_a_forecast_counts_what_the_ledger_holds(ledger: Ledger) -> None:
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        list(model.ask(question(n) for n in range(3)))
        figures = model.price_of(question(n) for n in range(5))
    assert (figures.replayed, figures.requests) == (3, 2)


def test_without_a_price_a_forecast_names_no_cost(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        tariff = PriceTable.read().tariff("tiny")
        assert forecast([question(1)], settings(server), ledger, tariff).cost is None


def test_the_ledger_makes_an_estimate_better(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        configuration = settings(server)
        with ServerModel(configuration, ledger) as model:
            list(model.ask(question(n) for n in range(10)))
            before = forecast([question(50)], configuration, ledger, TARIFF)
            list(model.ask([question(50)]))
        reply_tokens = model.usage.completion_tokens / 11
    assert before.sample == 10
    assert abs(before.completion_tokens - reply_tokens) <= 1
    assert TokenEstimate.calibrated(ledger, "tiny").bytes_per_token != BYTES_PER_TOKEN


def test_another_model_says_nothing_about_this_one(ledger: Ledger) -> None:
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        list(model.ask([question(1)]))
    assert TokenEstimate.calibrated(ledger, "large") == TokenEstimate()


def test_a_reservation_is_never_less_than_an_estimate(ledger: Ledger) -> None:
    with ModelServer(echo) as server:
        request = Request.of(question(1), settings(server))
    reservation = Budget(max_tokens=10_000).reserve(request)
    assert reservation is not None
    assert reservation.tokens > TokenEstimate().prompt_tokens(request) + request.max_tokens

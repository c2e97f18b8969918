"""What models cost, and a limit that is never crossed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exchanges import echo, question, settings
from model_server import Body, ModelServer, Reply, Respond

from workflowbench.llm.batch import BatchModel
from workflowbench.llm.batch_service import BatchSettings
from workflowbench.llm.budget import Budget
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import Price, PriceTable
from workflowbench.llm.questions import Answer, NoAnswer
from workflowbench.llm.server import ServerModel

TABLE = """
version = "test-1"
currency = "EUR"
[[price]]
models = ["tiny"]
input = 1.00
output = 4.00
batch_input = 0.50
batch_output = 2.00
"""


@pytest.fixture
def prices(tmp_path: Path) -> PriceTable:
    path = tmp_path / "prices.toml"
    path.write_text(TABLE)
    return PriceTable.read(path)


def test_the_shipped_table_prices_a_million_tokens() -> None:
    tariff = PriceTable.read().tariff("gpt-4o-mini")
    assert tariff.cost(1_000_000, 1_000_000) == Decimal("0.75")


def test_a_model_without_a_price_is_not_free(prices: PriceTable) -> None:
    assert prices.tariff("unheard-of").cost(1000, 1000) is None


def test_the_batch_interface_has_its_own_price(prices: PriceTable) -> None:
    assert prices.tariff("tiny", is_batch=True).price == Price(Decimal("0.50"), Decimal("2.00"))


@pytest.mark.parametrize("text", ["version = 1", "[[price]]\nmodels = 3", TABLE.replace("1.00", "-1.00")])
def test_a_file_that_is_no_price_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(ValueError, match="price"):
        PriceTable.read(tmp_path / "prices.toml")


def test_money_cannot_be_limited_without_a_price() -> None:
    with pytest.raises(ValueError, match="no price"):
        Budget(max_cost=Decimal(1))


def test_the_usage_names_cost_and_price_table(ledger: Ledger, prices: PriceTable) -> None:
    with ModelServer(echo) as server, ServerModel(settings(server), ledger, prices=prices) as model:
        list(model.ask(question(n) for n in range(3)))
    usage = model.usage.summary()
    assert usage["cost"] == pytest.approx((usage["prompt_tokens"] + 4 * usage["completion_tokens"]) / 1e6)
    assert usage["price_version"] == "test-1"


def test_the_usage_of_a_model_without_a_price_names_no_cost(ledger: Ledger) -> None:
    with ModelServer(echo) as server, ServerModel(settings(server), ledger) as model:
        list(model.ask([question(1)]))
    assert model.usage.summary()["cost"] is None


def ask(count: int, respond: Respond, ledger: Ledger, budget: Budget, **options: Any) -> ModelServer:
    """Ask so many questions, and give the server that heard them."""
    with (
        ModelServer(respond) as server,
        ServerModel(settings(server), ledger, budget=budget, **options) as model,
    ):
        list(model.ask(question(n) for n in range(count)))
        return server


def used(server: ModelServer) -> int:
    """Tokens that the server charged for: a quarter of the bytes, as it counts."""
    total = 0
    for body, times in server.answered.items():
        messages = json.loads(body)["messages"]
        sent = sum(len(message["content"]) for message in messages) // 4 + 1
        total += times * (sent + len(echo(json.loads(body), 1)) // 4 + 1)
    return total


def test_tokens_never_exceed_the_budget_and_most_of_it_is_used(ledger: Ledger) -> None:
    budget = Budget(max_tokens=3000)
    with ModelServer(echo) as server, ServerModel(settings(server), ledger, budget=budget) as model:
        outcomes = list(model.ask(question(n) for n in range(400)))
    assert {outcome.rule for outcome in outcomes if isinstance(outcome, NoAnswer)} == {"over_budget"}
    assert 2000 < budget.tokens == used(server) <= 3000


def test_money_never_exceeds_the_budget(ledger: Ledger, prices: PriceTable) -> None:
    budget = Budget(max_cost=Decimal("0.002"), price=prices.prices["tiny"])
    ask(100, echo, ledger, budget, prices=prices)
    assert Decimal("0.0005") < budget.cost <= Decimal("0.002")


def test_questions_over_the_budget_are_asked_by_the_next_run(ledger: Ledger) -> None:
    asked = [question(n) for n in range(5)]
    with ModelServer(echo) as server:
        with ServerModel(settings(server), ledger, budget=Budget(max_tokens=1)) as model:
            assert all(isinstance(outcome, NoAnswer) for outcome in model.ask(asked))
        with ServerModel(settings(server), ledger) as model:
            assert all(isinstance(outcome, Answer) for outcome in model.ask(asked))


def test_an_answer_that_never_came_counts_as_used(ledger: Ledger) -> None:
    budget = Budget(max_tokens=10_000)
    cut = Reply("half", is_cut=True)
    server = ask(1, lambda body, attempt: cut if attempt == 1 else echo(body, attempt), ledger, budget)
    assert budget.tokens > 100 + used(server)


def test_a_refused_attempt_uses_nothing(ledger: Ledger) -> None:
    budget = Budget(max_tokens=10_000)
    busy = Reply(status=429)
    server = ask(1, lambda body, attempt: busy if attempt < 3 else echo(body, attempt), ledger, budget)
    assert budget.tokens == used(server)


def test_a_budget_says_where_it_stands() -> None:
    assert Budget(max_tokens=5000).standing() == "0 of 5,000 tokens used"


def unmetered(body: Body, attempt: int) -> Reply:
    """A completion of a server that names no usage."""
    answer = json.dumps({"answer": "yes"})
    choice = {"message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}
    return Reply(raw=json.dumps({"model": "tiny", "choices": [choice]}).encode())


def test_what_a_server_does_not_count_has_no_known_cost(ledger: Ledger, prices: PriceTable) -> None:
    with (
        ModelServer(unmetered) as server,
        ServerModel(settings(server), ledger, prices=prices) as model,
    ):
        list(model.ask([question(1)]))
    assert (model.usage.unmetered, model.usage.cost) == (1, None)


def test_a_free_model_costs_nothing_without_being_counted(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "free.toml"
    path.write_text(TABLE.replace("1.00", "0").replace("4.00", "0"))
    with (
        ModelServer(unmetered) as server,
        ServerModel(settings(server), ledger, prices=PriceTable.read(path)) as model,
    ):
        list(model.ask([question(1)]))
    assert model.usage.cost == 0


def test_a_batch_line_that_is_not_counted_uses_up_its_reservation(ledger: Ledger, tmp_path: Path) -> None:
    budget = Budget(max_tokens=100_000)
    with ModelServer(unmetered) as server:
        configuration = BatchSettings(model="tiny", base_url=server.url, poll_s=0.01, grace_s=0.1)
        with BatchModel(configuration, ledger, tmp_path / "jobs", budget=budget) as model:
            list(model.ask([question(1)]))
    assert budget.tokens > 100

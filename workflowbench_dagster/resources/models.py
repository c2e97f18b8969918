"""The language model of a stage: which one, behind which server, within which limits, at which price."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field, SecretStr

from workflowbench.llm.batch import BatchModel
from workflowbench.llm.batch_service import BatchSettings
from workflowbench.llm.budget import Budget
from workflowbench.llm.dispatched import Dispatch, DispatchedModel
from workflowbench.llm.estimates import PricingModel
from workflowbench.llm.ledger import Ledger
from workflowbench.llm.prices import PriceTable, Tariff
from workflowbench.llm.replay import LedgerModel
from workflowbench.llm.requests import RequestSettings
from workflowbench.llm.sending import ServerSettings
from workflowbench.llm.server import ServerModel
from workflowbench.llm.usage import Usage
from workflowbench.training.errors import JobError
from workflowbench.training.trained_models import TrainedModel, newest_model

OFFLINE, OPENAI, OPENAI_BATCH, LEDGER = "offline", "openai", "openai-batch", "ledger"
TRAINED = "trained"
BACKENDS = (OFFLINE, OPENAI, OPENAI_BATCH, LEDGER, TRAINED)
"""Rules and no model; a server; its batch interface; the ledger alone; a model of our training."""

TRAINED_ANSWER_TOKENS = 4096
"""Most tokens of an answer of a trained model, unless `parameters` say otherwise: half of its window."""

STAGES = ("thoughts", "expansion", "generation", "refinement", "judge")
"""What models are asked for; each may have a model of its own."""

OpenModel = ServerModel | BatchModel | LedgerModel | DispatchedModel


class ModelError(RuntimeError):
    """A model that is not set up; the message says what is missing."""


class StageModel(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The model that one stage asks."""

    stage: str = Field(description=f"What it is asked for: one of {', '.join(STAGES)}.")
    backend: str = Field(default=OFFLINE, description=f"One of {', '.join(BACKENDS)}.")
    model: str = Field(default="", description="Name of the model, as the server knows it.")
    revision: str = Field(default="", description="Revision that the server runs, where the name says none.")
    url: str = Field(default="", description="Address of the server, e.g. `http://localhost:8000/v1`.")
    key: str = Field(default="", description="Key for the server; may be empty.")
    structured_output: str = Field(default="json_schema", description="Or `json_object`, or `none`.")
    token_limit: str = Field(default="max_tokens", description="Or `max_completion_tokens`.")
    parameters: str = Field(default="{}", description="More fields of each request, as a JSON object.")
    max_in_flight: int = Field(default=64, ge=1, description="Most requests at a time.")
    requests_per_minute: int = Field(default=0, ge=0, description="Limit on requests; 0 is none.")
    tokens_per_minute: int = Field(default=0, ge=0, description="Limit on tokens; 0 is none.")
    timeout_seconds: float = Field(default=120.0, gt=0, description="For one attempt, to its last byte.")
    deadline_seconds: float = Field(default=600.0, gt=0, description="For all attempts of a request.")
    max_tokens: int = Field(default=0, ge=0, description="Budget of a run in tokens; 0 is no limit.")
    max_cost: str = Field(default="", description="Budget of a run in money; empty is no limit.")
    prices: str = Field(default="", description="Price table (TOML); empty is the one that is shipped.")
    ledger: str = Field(description="File that keeps every answer; shared by all stages.")
    workspace: str = Field(default="", description="Folder of the models of our training.")

    @property
    def is_offline(self) -> bool:
        """Whether no model is asked."""
        return self._backend == OFFLINE

    @property
    def spends_money(self) -> bool:
        """Whether a run may ask a server."""
        return self._backend in (OPENAI, OPENAI_BATCH)

    @property
    def version(self) -> str:
        """What of the model makes a table stale when it changes: all that its answers depend on.

        Where the server is and what key it wants is no part of it, nor how its answers come.
        """
        if self.is_offline:
            return OFFLINE
        settings = self.requests
        parts = [settings.name, settings.structured_output, settings.token_limit, dict(settings.parameters)]
        return json.dumps(parts, sort_keys=True)

    @property
    def requests(self) -> RequestSettings:
        """What requests say beside the question."""
        return RequestSettings(**self._asking)

    @property
    def is_trained(self) -> bool:
        """Whether a model of our training is asked, which takes GPU time."""
        return self._backend == TRAINED

    @property
    def trained(self) -> TrainedModel:
        """The newest model of our training that has the name.

        Raises:
            ModelError: there is none.

        """
        try:
            return newest_model(Path(self.workspace), self.model)
        except JobError as error:
            raise ModelError(str(error)) from error

    @contextmanager
    def asked(
        self, progress: Callable[[Usage], None], dispatch: Dispatch | None = None
    ) -> Iterator[OpenModel]:
        """Give the model to ask; what it needs is closed at the end.

        Args:
            progress: Is told of the usage now and then.
            dispatch: Gets batches answered by a trained model.

        Raises:
            ModelError: a setting is missing or wrong.

        """
        with Ledger(self._ledger_path) as ledger:
            if self._backend == LEDGER:
                yield LedgerModel(self.requests, ledger)
                return
            if self.is_trained:
                if dispatch is None:
                    raise self._error("BACKEND", f"is {TRAINED!r}, which only the stage generation can ask")
                yield DispatchedModel(self.requests, ledger, dispatch)
                return
            prices = self._price_table
            budget = Budget(self.max_tokens or None, self._max_cost, self.tariff.price)
            common: dict[str, Any] = {"budget": budget, "prices": prices, "progress": progress}
            model: ServerModel | BatchModel
            if self._backend == OPENAI_BATCH:
                model = BatchModel(self._batch_settings, ledger, self._batch_folder, **common)
            else:
                model = ServerModel(self._server_settings, ledger, **common)
            with model:
                yield model

    @contextmanager
    def priced(self) -> Iterator[PricingModel]:
        """Give a model that prices what it is asked, and asks nobody."""
        with Ledger(self._ledger_path) as ledger:
            yield PricingModel(self.requests, ledger, self.tariff)

    @property
    def tariff(self) -> Tariff:
        """What the model costs."""
        return self._price_table.tariff(self.model, is_batch=self._backend == OPENAI_BATCH)

    @property
    def _backend(self) -> str:
        if self.backend not in BACKENDS:
            raise self._error("BACKEND", f"is {self.backend!r}, not one of {', '.join(BACKENDS)}")
        return self.backend

    @property
    def _asking(self) -> dict[str, Any]:
        if not self.model:
            raise self._error("", "is not set: the name of the model")
        if self.is_trained:
            return {
                "model": self.model,
                "revision": self.trained.revision,
                "structured_output": "none",
                "parameters": {"max_tokens": TRAINED_ANSWER_TOKENS, **self._parameters},
            }
        return {
            "model": self.model,
            "revision": self.revision or None,
            "structured_output": self._one_of("structured_output", ("json_schema", "json_object", "none")),
            "token_limit": self._one_of("token_limit", ("max_tokens", "max_completion_tokens")),
            "parameters": self._parameters,
        }

    @property
    def _server_settings(self) -> ServerSettings:
        return ServerSettings(
            **self._asking,
            **self._connection,
            max_in_flight=self.max_in_flight,
            timeout_s=self.timeout_seconds,
            deadline_s=self.deadline_seconds,
            requests_per_minute=self.requests_per_minute or None,
            tokens_per_minute=self.tokens_per_minute or None,
        )

    @property
    def _batch_settings(self) -> BatchSettings:
        return BatchSettings(**self._asking, **self._connection)

    @property
    def _connection(self) -> dict[str, Any]:
        if not self.url:
            raise self._error("URL", "is not set: the address of the server, e.g. http://localhost:8000/v1")
        return {"base_url": self.url, "api_key": SecretStr(self.key) if self.key else None}

    @property
    def _parameters(self) -> dict[str, Any]:
        try:
            parameters = json.loads(self.parameters)
        except json.JSONDecodeError:
            parameters = None
        if not isinstance(parameters, dict):
            raise self._error("PARAMETERS", f"is {self.parameters!r}, not a JSON object")
        return parameters

    @property
    def _max_cost(self) -> Decimal | None:
        try:
            return Decimal(self.max_cost) if self.max_cost else None
        except ArithmeticError:
            raise self._error("MAX_COST", f"is {self.max_cost!r}, not a number") from None

    @property
    def _price_table(self) -> PriceTable:
        return PriceTable.read(Path(self.prices).expanduser() if self.prices else None)

    @property
    def _ledger_path(self) -> Path:
        return Path(self.ledger).expanduser().absolute()

    @property
    def _batch_folder(self) -> Path:
        """Where submitted batches are remembered: a folder for each stage, server and model."""
        place = hashlib.sha256(f"{self.url} {self.version}".encode()).hexdigest()[:12]
        return self._ledger_path.with_suffix(".batches") / f"{self.stage}-{place}"

    def _one_of(self, name: str, values: tuple[str, ...]) -> str:
        value: str = getattr(self, name)
        if value not in values:
            raise self._error(name.upper(), f"is {value!r}, not one of {', '.join(values)}")
        return value

    def _error(self, name: str, what: str) -> ModelError:
        variable = "_".join(filter(None, ("WORKFLOWBENCH", "MODEL", name)))
        own = "_".join(filter(None, ("WORKFLOWBENCH", self.stage.upper(), "MODEL", name)))
        return ModelError(f"{variable} (or {own}, for this stage alone) {what}.")

"""A language model whose calls are timed and counted, whatever vendor answers them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from time import monotonic

from census.domain.measures import (
    MODEL_BUSY,
    MODEL_LATENCY,
    MODEL_SPENDING,
    MODEL_UNUSABLE,
    ModelOperation,
)
from census.domain.prices import UnknownPriceError
from census.ports.folding import FoldReply, FoldRequest
from census.ports.language_model import (
    LanguageModel,
    LanguageModelError,
    LookupReply,
    ModelBusyError,
    ModelUnusableError,
    PassageText,
    PlanReply,
    PlanRequest,
    ReadReply,
    ReadRequest,
    Usage,
)
from census.ports.metrics import Metrics, count


class MeteredLanguageModel:
    """Answers as `model` does. `price` turns usage into US dollars."""

    def __init__(self, model: LanguageModel, metrics: Metrics, price: Callable[[Usage], Decimal]) -> None:
        self._model = model
        self._metrics = metrics
        self._price = price

    @property
    def name(self) -> str:
        """See the port."""
        return self._model.name

    @property
    def strong_name(self) -> str | None:
        """See the port."""
        return self._model.strong_name

    @property
    def planner_version(self) -> str:
        """See the port."""
        return self._model.planner_version

    @property
    def contract_version(self) -> str:
        """See the port."""
        return self._model.contract_version

    def plan_question(self, request: PlanRequest) -> PlanReply:
        """See the port."""
        with self._measured(ModelOperation.PLAN):
            reply = self._model.plan_question(request)
        self._spent(reply.usage)
        return reply

    def read_windows(self, request: ReadRequest) -> ReadReply:
        """See the port."""
        with self._measured(ModelOperation.READ):
            reply = self._model.read_windows(request)
        self._spent(reply.usage)
        return reply

    def fold(self, request: FoldRequest) -> FoldReply:
        """See the port."""
        with self._measured(ModelOperation.FOLD):
            reply = self._model.fold(request)
        self._spent(reply.usage)
        return reply

    def answer_lookup(self, question: str, passages: Sequence[PassageText]) -> LookupReply:
        """See the port."""
        with self._measured(ModelOperation.LOOKUP):
            reply = self._model.answer_lookup(question, passages)
        self._spent(reply.usage)
        return reply

    @contextmanager
    def _measured(self, operation: ModelOperation) -> Iterator[None]:
        began = monotonic()
        try:
            yield
        except LanguageModelError as error:
            if isinstance(error, ModelBusyError):
                count(self._metrics, MODEL_BUSY)
            if isinstance(error, ModelUnusableError):
                count(self._metrics, MODEL_UNUSABLE)
            self._spent(error.usage)
            raise
        finally:
            count(self._metrics, MODEL_LATENCY, (monotonic() - began) * 1000, Operation=operation)

    def _spent(self, usage: Usage) -> None:
        try:
            spent = self._price(usage)
        except UnknownPriceError:
            return  # whoever decides about money asks for the price as well, and says what is missing
        count(self._metrics, MODEL_SPENDING, float(spent))

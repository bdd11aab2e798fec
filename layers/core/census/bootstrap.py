"""The only place where adapters meet use cases. Each builder imports what it needs, when it needs it."""

from functools import cache
from typing import TYPE_CHECKING

from census.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from census.adapters.emf_metrics import EmfMetrics
    from census.adapters.postgres.database import PostgresDatabase
    from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner
    from census.adapters.s3_object_store import S3ObjectStore
    from census.adapters.sqs_queue import SqsQueue
    from census.adapters.step_functions_workflow import StepFunctionsWorkflow
    from census.application.embed_text import Embedding
    from census.application.estimate_question import EstimateTools
    from census.application.fold_findings import FoldTools
    from census.application.ingest_file import Ingestion
    from census.application.map_batch import MapTools
    from census.application.measure_health import HealthCheck
    from census.application.plan_job import PlanTools
    from census.application.reconcile_work import ReconcileTools
    from census.application.remove_leftovers import Stores
    from census.application.scrape_page import PageScraping
    from census.ports.call_leases import CallLimits
    from census.ports.embedder import Embedder
    from census.ports.language_model import LanguageModel, Usage
    from census.ports.text_extractor import TextExtractor
    from census.ports.vector_index import VectorIndex

SECONDS_TO_ANSWER = 60
"""Of reduce_job's time, what is kept for the figures and the answer once the findings are folded."""


def forget() -> None:
    """Build everything anew at its next use, from the environment as it then is."""
    for builder in list(globals().values()):
        if hasattr(builder, "cache_clear"):
            builder.cache_clear()


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read_settings()


@cache
def metrics() -> "EmfMetrics":
    """What is measured until the invocation ends; lambda_support writes it then."""
    from census.adapters.emf_metrics import EmfMetrics

    return EmfMetrics(settings().metrics_namespace)


@cache
def database() -> "PostgresDatabase":
    """The database of this process; connects at first use."""
    from census.adapters.postgres.database import PostgresDatabase

    return PostgresDatabase(_database_address(), metrics=metrics())


def _database_address() -> "str | Callable[[], str]":
    """The database's URL; of a secret, what reads it, so that a rotated one is read again."""
    found, arn = settings(), settings().database_secret_arn
    if found.database_url:
        return found.database_url
    if arn is not None:
        from census.adapters.secrets_manager import read_database_url

        return lambda: read_database_url(arn)
    raise SettingsError(
        "No database is configured: set the template's parameter DatabaseSecretArn, or DATABASE_URL."
    )


@cache
def model_key() -> str | None:
    """The key of the model API; None means the built-in lexical model."""
    found = settings()
    if found.model_key or not found.model_key_secret_arn:
        return found.model_key
    from census.adapters.secrets_manager import read_secret

    return read_secret(found.model_key_secret_arn)


@cache
def language_model() -> "LanguageModel":
    """OpenAI-compatible where a key is configured, otherwise the built-in rules. Its calls are measured."""
    from census.adapters.metered_language_model import MeteredLanguageModel

    return MeteredLanguageModel(_language_model(), metrics(), price)


def _language_model() -> "LanguageModel":
    key, found = model_key(), settings()
    if key is None:
        from census.adapters.lexical import LexicalLanguageModel

        return LexicalLanguageModel()
    from census.adapters.openai_language_model import OpenAILanguageModel

    return OpenAILanguageModel(
        api_key=key,
        base_url=found.model_base_url,
        model=found.model_name,
        strong_model=found.strong_model_name,
        timeout_seconds=found.model_timeout_seconds,
    )


@cache
def embedder() -> "Embedder":
    """The built-in hashed embedder, or OpenAI's where a key is configured."""
    key = model_key()
    if key is None:
        from census.adapters.hashed_embedder import HashedEmbedder

        return HashedEmbedder()
    from census.adapters.openai_embedder import OpenAIEmbedder

    found = settings()
    return OpenAIEmbedder(
        api_key=key,
        base_url=found.model_base_url,
        model=found.embedding_model,
        dimensions=found.embedding_dimensions,
    )


@cache
def embedding() -> "Embedding":
    """What embedding a kept text takes."""
    from census.application.embed_text import Embedding

    return Embedding(database(), embedder(), vector_index(), embedding_price)


@cache
def stores() -> "Stores":
    """Where something of a deleted document may be left over."""
    from census.application.remove_leftovers import Stores

    return Stores(database(), vector_index(), object_store())


@cache
def text_extractor() -> "TextExtractor":
    """Takes text out of untrusted files in a limited child process."""
    from census.adapters.subprocess_text_extractor import SubprocessTextExtractor

    return SubprocessTextExtractor()


@cache
def ingestion() -> "Ingestion":
    """What the use case ingest_file takes."""
    from census.adapters.subprocess_archive_reader import SubprocessArchiveReader
    from census.application.ingest_file import Ingestion
    from census.application.make_text import TextMaking

    making = TextMaking(database(), text_extractor(), embedder(), vector_index(), embedding_price)
    return Ingestion(making, object_store(), ingest_queue(), SubprocessArchiveReader())


@cache
def page_scraping() -> "PageScraping":
    """What the use case scrape_page takes."""
    from census.adapters.guarded_page_fetcher import GuardedPageFetcher
    from census.adapters.subprocess_link_reader import SubprocessLinkReader
    from census.application.make_text import TextMaking
    from census.application.scrape_page import PageScraping

    making = TextMaking(database(), text_extractor(), embedder(), vector_index(), embedding_price)
    fetcher = GuardedPageFetcher(allow_private_addresses=settings().allow_private_addresses)
    return PageScraping(making, fetcher, SubprocessLinkReader(), scrape_queue())


@cache
def vector_index() -> "VectorIndex":
    """Where passage vectors are kept. Raises SettingsError where Pinecone is chosen but not configured."""
    if settings().vector_store == "pinecone":
        return _pinecone()
    from census.adapters.pgvector_vector_index import PgvectorVectorIndex

    return PgvectorVectorIndex(database())


def _pinecone() -> "VectorIndex":
    from census.adapters.pinecone_vector_index import PineconeVectorIndex

    found = settings()
    key = found.pinecone_key
    if key is None and found.pinecone_secret_arn:
        from census.adapters.secrets_manager import read_secret

        key = read_secret(found.pinecone_secret_arn)
    if not key or not found.pinecone_host:
        raise SettingsError(
            "VECTOR_STORE is pinecone, but there is no index to use: set the template's parameters "
            "PineconeHost and PineconeSecretArn, or PINECONE_HOST and PINECONE_API_KEY."
        )
    return PineconeVectorIndex(api_key=key, host=found.pinecone_host)


@cache
def object_store() -> "S3ObjectStore":
    """The documents bucket."""
    from census.adapters.s3_object_store import S3ObjectStore

    return S3ObjectStore(settings().documents_bucket)


@cache
def map_queue() -> "SqsQueue":
    """Batches to read."""
    return _queue(settings().map_queue_url)


@cache
def ingest_queue() -> "SqsQueue":
    """Uploads to ingest."""
    return _queue(settings().ingest_queue_url)


@cache
def scrape_queue() -> "SqsQueue":
    """Pages to fetch."""
    return _queue(settings().scrape_queue_url)


@cache
def reconcile_queue() -> "SqsQueue":
    """Open work to look at again later."""
    return _queue(settings().reconcile_queue_url)


@cache
def queue_by_arn(arn: str) -> "SqsQueue":
    """The queue that an event came from. Raises UnavailableError."""
    from census.adapters.sqs_queue import url_of

    return _queue(url_of(arn))


def _queue(url: str) -> "SqsQueue":
    from census.adapters.sqs_queue import SqsQueue

    return SqsQueue(url)


@cache
def workflow() -> "StepFunctionsWorkflow":
    """The state machine answer_job."""
    from census.adapters.step_functions_workflow import StepFunctionsWorkflow

    return StepFunctionsWorkflow(settings().state_machine_arn)


def embedding_price(usage: "Usage") -> "Decimal":
    """What embeddings cost in US dollars. Raises UnknownPriceError."""
    from census.domain.prices import price_usage, prices_from_json

    found = settings()
    return price_usage(usage, found.embedding_model, prices_from_json(found.model_prices or "{}"))


def price(usage: "Usage") -> "Decimal":
    """US dollars that this use of the configured models costs. Raises UnknownPriceError."""
    from census.domain.prices import price_usage, prices_from_json

    overrides = prices_from_json(settings().model_prices or "{}")
    return price_usage(usage, language_model().name, overrides)


@cache
def quote_aligner() -> "RapidfuzzQuoteAligner":
    """Approximate search for quotes."""
    from census.adapters.rapidfuzz_quote_aligner import RapidfuzzQuoteAligner

    return RapidfuzzQuoteAligner()


@cache
def plan_tools() -> "PlanTools":
    """What the use case plan_job takes."""
    from census.application.plan_job import PlanTools

    return PlanTools(database(), language_model(), price)


@cache
def estimate_tools() -> "EstimateTools":
    """What the use case estimate_question takes."""
    from census.application.estimate_question import EstimateTools

    return EstimateTools(database(), language_model(), price, settings().model_calls_in_flight)


@cache
def map_tools() -> "MapTools":
    """What the use cases map_batch and drain_dead_letters take."""
    from census.application.map_batch import MapTools
    from census.domain.deployment import RECORD_SECONDS

    return MapTools(
        database(),
        language_model(),
        quote_aligner(),
        map_queue(),
        workflow(),
        price,
        call_seconds=settings().model_timeout_seconds + RECORD_SECONDS,
        limits=call_limits(),
        strong_limits=strong_call_limits(),
        metrics=metrics(),
    )


@cache
def call_limits() -> "CallLimits":
    """What all workers together may ask of the model."""
    from census.ports.call_leases import CallLimits

    found = settings()
    return CallLimits(found.model_calls_in_flight, found.model_requests_a_minute, found.model_tokens_a_minute)


@cache
def strong_call_limits() -> "CallLimits":
    """What all workers together may ask of the stronger model."""
    from census.ports.call_leases import CallLimits

    found = settings()
    in_flight = found.strong_calls_in_flight or found.model_calls_in_flight
    return CallLimits(in_flight, found.strong_requests_a_minute, found.strong_tokens_a_minute)


@cache
def health() -> "HealthCheck":
    """What the use case measure_health takes."""
    from census.adapters.postgres.health_reader import PostgresHealthReader
    from census.application.measure_health import HealthCheck

    return HealthCheck(PostgresHealthReader(database()), metrics())


def fold_tools(milliseconds_left: "Callable[[], int]") -> "FoldTools":
    """What the use case reduce_job takes, for an invocation that has so long left."""
    from census.application.fold_findings import FoldTools

    needed = settings().model_timeout_seconds + SECONDS_TO_ANSWER
    return FoldTools(database(), language_model(), price, in_time=lambda: milliseconds_left() / 1000 > needed)


@cache
def reconcile_tools() -> "ReconcileTools":
    """What the use case reconcile_work takes."""
    from census.application.reconcile_work import ReconcileTools

    return ReconcileTools(
        database(),
        language_model(),
        workflow(),
        map_queue(),
        ingest_queue(),
        scrape_queue(),
        reconcile_queue(),
        settings().reconcile_seconds,
        metrics(),
        stores(),
    )

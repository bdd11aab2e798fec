"""The only reader of the environment. The template sets every value; nothing here has a hidden default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from census.domain.errors import CensusError


class SettingsError(CensusError):
    """A setting is missing or cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides. Times in seconds, money in US dollars."""

    database_url: str | None
    database_secret_arn: str | None
    documents_bucket: str
    ingest_queue_url: str
    scrape_queue_url: str
    map_queue_url: str
    reconcile_queue_url: str
    state_machine_arn: str | None
    model_key: str | None
    model_key_secret_arn: str | None
    model_base_url: str | None
    model_name: str
    strong_model_name: str
    model_timeout_seconds: float
    model_prices: str | None
    model_calls_in_flight: int
    model_requests_a_minute: int | None
    model_tokens_a_minute: int | None
    strong_calls_in_flight: int | None
    strong_requests_a_minute: int | None
    strong_tokens_a_minute: int | None
    job_deadline_seconds: int
    reconcile_seconds: int
    upload_expiry_seconds: int
    tenant_claim: str
    vector_store: str
    pinecone_host: str | None
    pinecone_key: str | None
    pinecone_secret_arn: str | None
    embedding_model: str
    embedding_dimensions: int
    local: bool
    metrics_namespace: str
    allow_private_addresses: bool


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment. Raises SettingsError naming a variable that is missing or no number."""

    def required(name: str) -> str:
        value = environment.get(name, "")
        if not value:
            raise SettingsError(
                f"The environment variable {name} is not set; template.yaml sets it for every function."
            )
        return value

    def number(name: str) -> float:
        try:
            return float(required(name))
        except ValueError:
            raise SettingsError(
                f"The environment variable {name} must be a number, not {environment[name]!r}."
            ) from None

    def limit(name: str) -> int | None:
        return int(number(name)) or None if environment.get(name) else None

    def optional(name: str) -> str | None:
        return environment.get(name) or None

    return Settings(
        database_url=optional("DATABASE_URL"),
        database_secret_arn=optional("DATABASE_SECRET_ARN"),
        documents_bucket=required("DOCUMENTS_BUCKET"),
        ingest_queue_url=required("INGEST_QUEUE_URL"),
        scrape_queue_url=required("SCRAPE_QUEUE_URL"),
        map_queue_url=required("MAP_QUEUE_URL"),
        reconcile_queue_url=required("RECONCILE_QUEUE_URL"),
        state_machine_arn=optional("STATE_MACHINE_ARN"),
        model_key=optional("OPENAI_API_KEY"),
        model_key_secret_arn=optional("MODEL_KEY_SECRET_ARN"),
        model_base_url=optional("OPENAI_BASE_URL") or optional("MODEL_BASE_URL"),
        model_name=required("MODEL_NAME"),
        strong_model_name=required("STRONG_MODEL_NAME"),
        model_timeout_seconds=number("MODEL_TIMEOUT_SECONDS"),
        model_prices=optional("MODEL_PRICES"),
        model_calls_in_flight=int(number("MODEL_CALLS_IN_FLIGHT")),
        model_requests_a_minute=limit("MODEL_REQUESTS_A_MINUTE"),
        model_tokens_a_minute=limit("MODEL_TOKENS_A_MINUTE"),
        strong_calls_in_flight=limit("STRONG_CALLS_IN_FLIGHT"),
        strong_requests_a_minute=limit("STRONG_REQUESTS_A_MINUTE"),
        strong_tokens_a_minute=limit("STRONG_TOKENS_A_MINUTE"),
        job_deadline_seconds=int(number("JOB_DEADLINE_SECONDS")),
        reconcile_seconds=int(number("RECONCILE_SECONDS")),
        upload_expiry_seconds=int(number("UPLOAD_EXPIRY_SECONDS")),
        tenant_claim=environment.get("TENANT_CLAIM") or "sub",
        vector_store=environment.get("VECTOR_STORE") or "pgvector",
        pinecone_host=optional("PINECONE_HOST"),
        pinecone_key=optional("PINECONE_API_KEY"),
        pinecone_secret_arn=optional("PINECONE_SECRET_ARN"),
        embedding_model=optional("EMBEDDING_MODEL") or "text-embedding-3-small",
        embedding_dimensions=int(optional("EMBEDDING_DIMENSIONS") or 1536),
        local=environment.get("CENSUS_LOCAL") == "1",
        metrics_namespace=environment.get("POWERTOOLS_METRICS_NAMESPACE") or "Census",
        allow_private_addresses=environment.get("ALLOW_PRIVATE_ADDRESSES") == "1",
    )

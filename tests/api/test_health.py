from tests.api.conftest import ApiClient


def test_health_names_revision_model_and_vector_store(anonymous: ApiClient) -> None:
    answer = anonymous.get("/health")

    assert answer.status == 200
    assert answer.json["status"] == "ok"
    assert answer.json["database"]["revision"].startswith("2026_")
    assert answer.json["model"] == "lexical"
    assert answer.json["vector_store"] == "pgvector"

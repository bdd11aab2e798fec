"""Answers as the interface's description tells them."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from .shapes import ProblemShape

PROBLEMS = {
    400: "The body is not JSON.",
    404: "There is no such thing for this tenant and user.",
    409: "The thing is in a state that forbids this; `state` says which.",
    415: "The body is not declared as JSON.",
    422: "Fields cannot be used; `errors` names each.",
    503: "A service that is needed does not answer now.",
}


def described(answers: dict[int, type[BaseModel] | str | None], *problems: int) -> dict[int, Any]:
    """The `responses` of an operation: a model is JSON, a text a media type, None no body; then problems."""
    found = {status: _answer(status, content) for status, content in answers.items()}
    for status in problems:
        found[status] = {
            "description": PROBLEMS[status],
            "content": {"application/problem+json": {"model": ProblemShape}},
        }
    return found


def _answer(status: int, content: type[BaseModel] | str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if isinstance(content, str):
        answer["content"] = {content: {"schema": {"type": "string"}}}
    elif content is not None:
        answer["content"] = {"application/json": {"model": content}}
    return answer

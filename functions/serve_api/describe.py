"""Writes the interface's description: `python -m functions.serve_api.describe > docs/openapi.json`."""

import json
import sys

from census.lambda_support.openapi import openapi_document
from functions.serve_api.routes import build_app


def main() -> None:
    """The OpenAPI document on standard output, as the repository keeps it."""
    document = openapi_document(build_app())
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()

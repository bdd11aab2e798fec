"""The operations of the HTTP interface, one file a resource."""

from census.lambda_support.http import CensusResolver

from . import conversations, description, estimates, files, health, jobs, messages, pages, rows, usage


def build_app() -> CensusResolver:
    """The resolver with all operations; importing this builds nothing."""
    app = CensusResolver()
    for resource in (
        files,
        pages,
        conversations,
        messages,
        jobs,
        rows,
        estimates,
        usage,
        health,
        description,
    ):
        app.include_router(resource.router())
    return app

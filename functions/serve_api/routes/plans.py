"""Plans that clients send back corrected."""

from typing import Any

from pydantic import ValidationError

from census.domain.errors import FieldProblem, PlanInvalidError
from census.domain.plan import Plan
from census.domain.plan_codec import plan_from_json

from .bodies import FiltersBody


def read_plan(data: dict[str, Any]) -> Plan:
    """The plan of a body. Raises PlanInvalidError with paths from the body's root: `plan.atoms.0.name`."""
    try:
        plan = plan_from_json(data)
        FiltersBody.model_validate(data.get("filters") or {})
    except PlanInvalidError as error:
        problems = [FieldProblem(f"plan.{found.path}", found.message) for found in error.problems]
        raise PlanInvalidError(problems) from None
    except ValidationError as error:
        raise PlanInvalidError(
            [
                FieldProblem(".".join(map(str, ("plan", "filters", *found["loc"]))), found["msg"])
                for found in error.errors()
            ]
        ) from None
    return plan

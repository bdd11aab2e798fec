"""What could go wrong with the template: each mutant breaks one thing, and names the check that notices."""

from tests.template.mutants_of_access import ACCESS
from tests.template.mutants_of_alarms import ALARMS
from tests.template.mutants_of_functions import FUNCTIONS, SHAPES
from tests.template.mutants_of_stages import LIMITS, STAGES
from tests.template.mutants_of_steps import STEPS
from tests.template.mutants_of_the_edge import EDGE
from tests.template.mutants_of_times import TIMES, WORKFLOW
from tests.template.mutants_of_wiring import WIRING
from tests.template.parts import Mutants

GROUPS = (TIMES, WORKFLOW, STEPS, ACCESS, EDGE, FUNCTIONS, WIRING, SHAPES, LIMITS, STAGES, ALARMS)
MUTANTS: Mutants = {name: found for group in GROUPS for name, found in group.items()}

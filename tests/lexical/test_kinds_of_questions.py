"""What the rules make of questions that do more than count: the tables of paraphrases are the contract."""

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.lexical import LexicalLanguageModel
from census.domain.plan import Kind, Plan, Transform, Unit
from census.domain.plan_codec import plan_from_json, plan_to_json
from census.domain.routing import Route
from census.ports.language_model import PlanRequest
from tests.growth import grows_linearly
from tests.lexical.test_planning import logic, plan_of, reply_to


@dataclass(frozen=True)
class Asked:
    """What all wordings of one question come to."""

    kind: Kind
    formula: str = ""
    label: str | None = None
    transform: Transform | None = None
    compare: tuple[str, ...] = ()
    unit: Unit = Unit.DOCUMENT
    limit: int | None = None


def asked(plan: Plan) -> Asked:
    group = plan.group_by
    field = plan.atom(group.source.atom).field_named(group.source.field) if group else None
    return Asked(
        plan.kind,
        logic(plan),
        field.label if field else None,
        group.transform if group else None,
        plan.compare,
        plan.unit,
        plan.limit,
    )


LAW = "~The text states the governing law."
YEARS = ("2019", "2020")
THREE = ("2018", "2019", "2020")
AUDITED = Asked(Kind.COMPARE, "audit rights", None, Transform.YEAR, YEARS)
URGENT = Asked(Kind.COMPARE, "login", "priority", Transform.VALUE, ("High", "Low"))
CAUSES = Asked(Kind.THEMES, "", "root cause", Transform.VALUE)
TICKETS = Asked(Kind.THEMES, "", "keyword", Transform.VALUE)
LOGIN = Asked(Kind.THEMES, "login", "keyword", Transform.VALUE)
PARAPHRASES: dict[Asked, tuple[str, ...]] = {
    AUDITED: (
        "Compare 2019 and 2020: how many contracts mention audit rights?",
        "compare 2019 to 2020: contracts with audit rights",
        "Please compare 2019 with 2020 by how many contracts mention audit rights.",
        "Compare contracts from 2019 and 2020 that mention audit rights",
        "Compare the number of contracts mentioning audit rights in 2019 and 2020",
        "Compare audit rights between 2019 and 2020",
        "How do 2019 and 2020 compare in contracts that mention audit rights?",
        "Did more contracts mention audit rights in 2019 than in 2020?",
        "2019 vs 2020: contracts that mention audit rights",
        "2019 versus 2020: how many contracts mention audit rights?",
        "How many contracts mention audit rights in 2019 compared to 2020?",
    ),
    Asked(Kind.COMPARE, "audit rights", None, Transform.YEAR, THREE): (
        "Compare 2018, 2019 and 2020: how many contracts mention audit rights?",
        "Compare the years 2018 to 2020: how many contracts mention audit rights?",
        "Compare 2018-2020: how many contracts mention audit rights?",
        "Compare how many contracts mention audit rights from 2018 to 2020",
    ),
    Asked(Kind.COMPARE, "login", None, Transform.MONTH, ("2019-06", "2019-07")): (
        "Compare June 2019 and July 2019: how many tickets mention login?",
        "Compare 2019-06 and 2019-07: how many tickets mention login?",
    ),
    URGENT: (
        "Compare High and Low by priority: how many tickets mention login?",
        'Compare "High" with "Low" by priority: how many tickets mention login?',
        "Compare High and Low tickets that mention login, by priority",
    ),
    Asked(Kind.COMPARE, "audit rights", "governing law", Transform.VALUE): (
        "Compare contracts that mention audit rights by governing law",
    ),
    CAUSES: (
        "What are the main themes of the root causes of all tickets?",
        "What are the themes in the root causes of our tickets?",
        "Sort the root causes of all tickets into themes",
        "Which topics come up in the root causes of the tickets?",
    ),
    TICKETS: (
        "What are the main themes of the tickets?",
        "Which themes come up across our tickets?",
        "Sort the tickets into themes",
        "List the recurring topics in all tickets",
    ),
    LOGIN: (
        "What are the main themes in the tickets that mention login?",
        "What themes are there in what the tickets say about login?",
    ),
    Asked(Kind.THEMES, "", "keyword", Transform.VALUE, limit=5): ("Top 5 themes of the tickets",),
    Asked(Kind.SUMMARY, "termination"): (
        "Summarise what the contracts say about termination",
        "Summarize the termination clauses of all contracts",
        "Give me a short summary of the contracts that mention termination",
        "What do all contracts say about termination?",
        "Please write an overview of the termination provisions in our contracts",
    ),
    Asked(Kind.COUNT, "arbitration", unit=Unit.MENTION): (
        "How often is arbitration mentioned in our contracts?",
        "How many times do the contracts mention arbitration?",
        "How many mentions of arbitration are there in all contracts?",
        "Count every mention of arbitration",
        "What is the number of occurrences of arbitration in the contracts?",
    ),
    Asked(Kind.LIST, "arbitration", unit=Unit.MENTION): ("List all mentions of arbitration",),
    Asked(Kind.COUNT, LAW, "governing law", Transform.VALUE, unit=Unit.ENTITY): (
        "How many different governing laws do the contracts name?",
        "How many distinct governing laws are there across all contracts?",
        "What is the number of unique governing laws in our contracts?",
    ),
    Asked(Kind.LIST, LAW, "governing law", Transform.VALUE, unit=Unit.ENTITY): (
        "List the different governing laws",
        "Which distinct governing laws do the contracts have?",
    ),
    Asked(Kind.COUNT, "audit rights", "supplier", Transform.VALUE, unit=Unit.ENTITY): (
        "How many different suppliers are there in the contracts that mention audit rights?",
    ),
    Asked(Kind.TOP_K, LAW, "governing law", Transform.VALUE, limit=5): (
        "top 5 governing laws",
        "What are the top five governing laws?",
        "the 5 most common governing laws of all contracts",
    ),
    Asked(Kind.LIST, "(audit rights & !cap on liability)"): (
        "Which contracts have audit rights but not a cap on liability?",
        "Which contracts have audit rights but no cap on liability?",
        "List the contracts with audit rights and without a cap on liability",
        "Show contracts that mention audit rights but do not mention cap on liability",
    ),
}  # fmt: skip
WORDINGS = [(question, right) for right, questions in PARAPHRASES.items() for question in questions]


@pytest.mark.parametrize(("question", "right"), WORDINGS)
def test_all_wordings_of_a_question_come_to_one_plan(question: str, right: Asked) -> None:
    assert asked(plan_of(question)) == right


@pytest.mark.parametrize(("question", "right"), WORDINGS)
def test_no_wording_needs_to_be_forced(question: str, right: Asked) -> None:
    assert reply_to(question).route is Route.COLLECTION, reply_to(question).reason


def test_what_names_no_value_takes_no_place_among_the_most_common() -> None:
    assert plan_of("top 5 governing laws").predicate == "states the governing law"
    assert plan_of("Summarise all tickets").predicate == "has words that stand out"


UNCLEAR = {
    "Compare 2019 and 2020": "What should be compared?",
    "Compare apples and pears": "By which value",
    "Compare 2019 and June 2020: how many tickets mention login?": "both",
    "Compare 2019 and 2019: how many contracts mention escrow?": "different groups",
    "Compare the years 1950 to 2020: how many contracts mention escrow?": "From 2 to 20",
    "Compare 2019 and 2020 by governing law: how many contracts mention escrow?": "By which value",
    "How many good contracts are there?": "“good” can be read in more than one way",
    "How many important contracts mention escrow?": "“important”",
    "Which recent agreements mention escrow?": "“recent”",
    "How many mentions of escrow by year?": "by year",
    "How often are escrow and arbitration mentioned?": "one thing at a time",
    "How often do the contracts not mention escrow?": "do not say",
    "Summarise the contracts that do not mention arbitration": "do not say",
}


@pytest.mark.parametrize("question", UNCLEAR)
def test_what_can_be_read_in_two_ways_is_asked_back(question: str) -> None:
    reply = reply_to(question, forced=True)

    assert (reply.route, reply.plan) == (Route.CLARIFICATION, None)
    assert reply.clarification is not None
    assert UNCLEAR[question] in reply.clarification


OPENINGS = ("Compare 2019 and 2020: how many contracts", "2018 vs 2019:", "Compare A and B by priority:",
            "What are the main themes of the", "Top 5 themes of", "Sort", "Summarise", "Give me a summary of",
            "How often", "How many mentions of", "List the different", "How many unique", "PDFs tagged 'x'",
            "Did more contracts", "How do 2019 and June 2020 compare in")  # fmt: skip
MIDDLES = ("", "tickets", "contracts that mention", "root causes of all tickets",
           "what the contracts say about", "termination clauses in", "are a and b mentioned",
           "added since 2024-99-99", "into themes", "(((", "'", "by", "by year", "not",
           "1999 and 2001 vs 2003")  # fmt: skip


@pytest.mark.parametrize("opening", OPENINGS)
def test_every_plan_of_these_openings_validates_and_is_the_same_again(opening: str) -> None:
    for first, second in product(MIDDLES, MIDDLES):
        question = f"{opening} {first} {second}"
        reply = reply_to(question, forced=True)
        assert reply == reply_to(question, forced=True)
        assert (reply.plan is None) == bool(reply.clarification)
        if reply.plan is not None:
            assert plan_from_json(plan_to_json(reply.plan)) == reply.plan


@given(
    st.sampled_from(OPENINGS),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=80),
    st.sampled_from(MIDDLES),
)
def test_any_text_after_an_opening_gets_a_valid_plan_or_a_question_back(
    opening: str, text: str, middle: str
) -> None:
    reply = LexicalLanguageModel().plan_question(PlanRequest(f"{opening} {text} {middle}", forced=True))

    if reply.plan is None:
        assert reply.clarification
    else:
        assert plan_from_json(plan_to_json(reply.plan)) == reply.plan


@pytest.mark.parametrize("piece", ["2019, 2020 and ", "a, b and ", "the different ", "of all "])
def test_time_to_plan_grows_no_faster_than_the_question(piece: str) -> None:
    def plan_all(size: int) -> None:
        for opening in OPENINGS:
            reply_to(f"{opening} " + piece * (size // len(piece)), forced=True)

    assert grows_linearly(plan_all, 2_000)

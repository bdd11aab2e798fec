"""What the rules make of a question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.adapters.lexical import LexicalLanguageModel
from census.domain.plan import (
    AllOf,
    AnyOf,
    Atom,
    AtomRef,
    Expression,
    FieldType,
    Kind,
    Negation,
    Plan,
    Transform,
)
from census.domain.plan_codec import plan_from_json, plan_to_json
from census.ports.language_model import PlanReply, PlanRequest, ReadRequest, Route, WindowText


def reply_to(question: str, *, forced: bool = False) -> PlanReply:
    return LexicalLanguageModel().plan_question(PlanRequest(question, forced=forced))


def plan_of(question: str) -> Plan:
    reply = reply_to(question, forced=True)
    assert reply.plan is not None, reply.clarification
    return reply.plan


def term_of(atom: Atom) -> str:
    """The words looked for: in quotes where only as they stand, with a ~ where in any form."""
    if atom.term is None:
        return "~" + atom.statement.removeprefix("The text mentions “").removesuffix("”.")
    return f"'{atom.term.text}'" if atom.term.exact else atom.term.text


def logic(plan: Plan) -> str:
    """The condition as a formula over the terms; see `term_of`."""

    def written(expression: Expression) -> str:
        match expression:
            case AtomRef(name):
                return term_of(plan.atom(name))
            case Negation(part):
                return f"!{written(part)}"
            case AllOf(parts):
                return f"({' & '.join(map(written, parts))})"
            case AnyOf(parts):
                return f"({' | '.join(map(written, parts))})"

    return written(plan.where) if plan.where else ""


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many documents mention indemnification?", Kind.COUNT),
        ("Count the contracts that mention arbitration", Kind.COUNT),
        ("What percentage of our contracts mention arbitration?", Kind.COUNT),
        ("Which contracts mention force majeure?", Kind.LIST),
        ("List all documents that mention force majeure", Kind.LIST),
        ("Do any of our contracts mention escrow?", Kind.LIST),
        ("How many documents mention indemnification, by year?", Kind.GROUP_COUNT),
        ("Tickets by priority", Kind.GROUP_COUNT),
        ("What is the most common priority?", Kind.TOP_K),
        ("What are the top 3 root causes?", Kind.TOP_K),
        ("What is the total amount of all invoices?", Kind.SUM),
        ("What is the average contract value?", Kind.AVG),
        ("What is the lowest fee in all contracts?", Kind.MIN),
        ("Which contracts have the highest liability cap?", Kind.MAX),
    ],
)
def test_the_frame_of_the_question_gives_the_kind(question: str, kind: Kind) -> None:
    assert plan_of(question).kind is kind


@pytest.mark.parametrize(
    ("condition", "formula"),
    [
        ("mention indemnification", "indemnification"),
        ("mention the word indemnification at least once in our contracts", "indemnification"),
        ("mention 'governing law'", "'governing law'"),
        ("mention “Governing Law”", "'governing law'"),
        ('mention ‘force majeure’ or "act of God"', "('force majeure' | 'act of god')"),
        ("contain the phrase 'best efforts' anywhere", "'best efforts'"),
        ("mention Acme Corp's products", "acme corp's products"),
        ("mention a and b", "b"),
        ("mention apples and pears", "(apples & pears)"),
        ("mention apples or pears and plums", "(apples | (pears & plums))"),
        ("mention (apples or pears) and plums", "((apples | pears) & plums)"),
        ("mention apples, pears or plums", "(apples | pears | plums)"),
        ("mention apples, pears and plums", "(apples & pears & plums)"),
        ("mention both apples and pears", "(apples & pears)"),
        ("mention either apples or pears", "(apples | pears)"),
        ("mention neither apples nor pears", "(!apples & !pears)"),
        ("mention apples but not pears", "(apples & !pears)"),
        ("mention apples and not pears or plums", "((apples & !pears) | plums)"),
        ("mention apples without pears", "(apples & !pears)"),
        ("do not mention apples", "!apples"),
        ("don't mention apples", "!apples"),
        ("don’t mention apples", "!apples"),
        ("do not mention apples or pears", "!(apples | pears)"),
        ("do not mention apples but mention pears", "(!apples & pears)"),
        ("do not mention apples and mention pears", "(!apples & pears)"),
        ("mention apples as well as pears", "(apples & pears)"),
        ("mention non-compete and/or no-shop", "(non-compete | no-shop)"),
        ("have both audit rights and a cap on liability", "(audit rights & cap on liability)"),
        ("have an arbitration clause", "arbitration"),
        ("have no arbitration clause", "!arbitration"),
        ("talk about refunds", "refunds"),
        ("refer to the Supplier", "supplier"),
        ("restrict assignment", "~assignment"),
        ("are governed by New York law", "~new york law"),
        ("were signed by Acme", "~acme"),
        ("were signed in 2020", "~2020"),
    ],
)
def test_the_condition_becomes_an_expression_over_terms(condition: str, formula: str) -> None:
    assert logic(plan_of(f"How many documents {condition}?")) == formula


@pytest.mark.parametrize(
    "question",
    [
        "In how many documents is arbitration mentioned?",
        "Which documents say arbitration?",
        "In which of our files does arbitration occur?",
        "list the contracts where arbitration is mentioned",
        "How many documents are there that mention arbitration?",
        "By year, how many contracts mention arbitration?",
        "How many contracts in our collection mention arbitration?",
    ],
)
def test_the_same_condition_may_be_asked_in_other_words(question: str) -> None:
    assert logic(plan_of(question)) == "arbitration"


def test_by_year_without_a_named_date_takes_the_first_date_of_the_text() -> None:
    plan = plan_of("How many documents mention 'governing law', by year?")

    assert plan.group_by is not None
    assert (plan.group_by.source.atom, plan.group_by.source.field) == ("first_date", "date")
    assert plan.group_by.transform is Transform.YEAR
    assert plan.atom("first_date").fields[0].label is None


@pytest.mark.parametrize(
    ("question", "label", "transform"),
    [
        ("How many contracts mention fees, by year of the agreement date?", "agreement date", Transform.YEAR),
        ("How many contracts mention liability by agreement year?", "agreement date", Transform.YEAR),
        ("How many contracts mention liability per month?", None, Transform.MONTH),
        ("How many mention fees grouped by month of the effective date", "effective date", Transform.MONTH),
        ("How many contracts by effective date?", "effective date", Transform.VALUE),
    ],
)  # fmt: skip
def test_a_date_to_group_by_may_be_named(question: str, label: str | None, transform: Transform) -> None:
    plan = plan_of(question)

    assert plan.group_by is not None
    assert plan.group_by.transform is transform
    assert plan.atom(plan.group_by.source.atom).fields[0].label == label
    assert plan.atom(plan.group_by.source.atom).fields[0].type is FieldType.DATE


def test_a_field_to_group_by_is_a_label_in_the_singular() -> None:
    plan = plan_of("What are the top 3 root causes?")

    assert plan.group_by is not None
    field = plan.atoms[0].fields[0]
    assert (field.label, field.type, plan.group_by.transform) == (
        "root cause",
        FieldType.TEXT,
        Transform.VALUE,
    )
    assert (plan.limit, plan.order) == (3, "count")


def test_a_measure_is_the_amount_of_that_name() -> None:
    plan = plan_of("What is the average contract value of contracts that mention arbitration, by year?")

    assert plan.measure is not None
    field = plan.atom(plan.measure.atom).fields[0]
    assert (field.label, field.type) == ("contract value", FieldType.MONEY)
    assert logic(plan) == "arbitration"
    assert plan.group_by is not None


def test_a_measure_of_days_is_a_number() -> None:
    plan = plan_of("What is the average notice period in all contracts?")

    assert plan.atoms[0].fields[0].type is FieldType.NUMBER


@pytest.mark.parametrize(
    ("question", "predicate"),
    [
        (
            "How many documents mention indemnification and not 'audit rights'?",
            'mentions "indemnification" and not "audit rights"',
        ),
        ("Which documents do not mention insurance?", 'does not mention "insurance"'),
        ("How many contracts restrict assignment?", 'mentions "assignment" (rule-based reading)'),
        ("Tickets by priority", "all documents"),
    ],
)
def test_the_predicate_says_in_words_what_is_looked_for(question: str, predicate: str) -> None:
    assert plan_of(question).predicate == predicate


def test_a_reading_by_words_only_says_so_in_its_reason() -> None:
    assert "look for the words only" in reply_to("How many contracts restrict assignment?").reason


def test_words_before_the_noun_that_were_not_used_are_named_in_the_reason() -> None:
    assert "“signed” was not looked for" in reply_to("How many signed contracts mention escrow?").reason
    assert "not looked for" not in reply_to("How many contracts mention escrow?").reason


def test_words_before_the_noun_are_the_term_where_there_is_no_other() -> None:
    assert logic(plan_of("How many arbitration agreements are there?")) == "~arbitration"


@pytest.mark.parametrize(
    "conditions",
    [("mention Assignment", "have an assignment clause"), ("restrict assignment", "Allow Assignment")],
)
def test_the_same_term_is_the_same_atom_whatever_the_verb_and_the_case(conditions: tuple[str, ...]) -> None:
    keys = {plan_of(f"How many contracts {condition}?").atoms[0].key for condition in conditions}

    assert len(keys) == 1


def test_what_a_clause_does_is_looked_for_in_every_form_of_its_words() -> None:
    (atom,) = plan_of("How many contracts restrict assignment, by year?").atoms[:1]
    text = "Neither party may assign this Agreement without prior consent."
    reply = LexicalLanguageModel().read_windows(ReadRequest((atom,), (WindowText("w", "", text),)))

    assert reply.readings["w"][atom.name].quotes == (text,)


def test_words_that_carry_no_meaning_are_looked_for_as_they_stand() -> None:
    assert logic(plan_of("How many documents terminate the agreement?")) == "agreement"


def test_a_term_asked_for_twice_is_one_atom() -> None:
    plan = plan_of("How many documents mention apples and pears or apples and plums?")

    assert [atom.name for atom in plan.atoms] == ["mentions_apples", "mentions_pears", "mentions_plums"]


def test_terms_that_would_share_a_name_get_their_own() -> None:
    plan = plan_of("How many documents mention 'non compete' or 'non-compete'?")

    assert [atom.name for atom in plan.atoms] == ["mentions_non_compete", "mentions_non_compete_2"]


@pytest.mark.parametrize(
    ("question", "route"),
    [
        ("How many files do I have?", Route.METADATA),
        ("When does the lease end?", Route.LOOKUP),
    ],
)
def test_other_questions_are_sent_where_they_belong(question: str, route: Route) -> None:
    reply = reply_to(question)

    assert (reply.route, reply.plan) == (route, None)


def test_a_forced_question_is_planned_even_if_it_looks_like_a_look_up() -> None:
    reply = reply_to("What does it say about indemnification?", forced=True)

    assert reply.route is Route.COLLECTION
    assert reply.plan is not None


@pytest.mark.parametrize(
    "question",
    ["How many documents are there?", "Which documents mention?", "", "?", "How many contracts by quarter?",
     "How many documents mention " + " or ".join(f"term{n}" for n in range(13)),
     "How many documents mention " + "x" * 3000],
)  # fmt: skip
def test_what_cannot_be_planned_is_asked_back(question: str) -> None:
    reply = reply_to(question, forced=True)

    assert (reply.route, reply.plan) == (Route.CLARIFICATION, None)
    assert reply.clarification


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """
        how many documents which list by year month mention contain have do not no and or but neither nor
        either both without ( ) , ' " indemnification 'governing law' most common top 3 total average of the
        amount priority in our contracts are governed restrict
        """,
    )
)


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_question_gets_a_valid_plan_or_a_question_back(question: str) -> None:
    reply = reply_to(question, forced=True)

    if reply.plan is None:
        assert reply.clarification
    else:
        assert plan_from_json(plan_to_json(reply.plan)) == reply.plan
        assert all(_is_clean(atom) for atom in reply.plan.atoms)


def _is_clean(atom: Atom) -> bool:
    return atom.term is None or (atom.term.text == atom.term.text.strip() != "")


@pytest.mark.parametrize("piece", ["(", "not ", "either ", "both (", "and ", "'", "by year ", "a "])
def test_a_hostile_question_is_answered_without_harm(piece: str) -> None:
    reply = reply_to("How many documents mention " + piece * (1900 // len(piece)), forced=True)

    assert reply.route in {Route.COLLECTION, Route.CLARIFICATION}

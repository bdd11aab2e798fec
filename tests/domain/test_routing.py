"""Which way a question takes: the table is the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census.domain.routing import Route, route_question
from census.ports import language_model

COLLECTION = [
    "How many documents mention indemnification?",
    "How many documents mention 'governing law', by year?",
    "How many contracts restrict assignment, by year of the agreement date?",
    "How many of our contracts restrict assignment, by year?",
    "How many have both audit rights and a cap on liability?",
    "how many support tickets are about login problems",
    "How many of them mention arbitration?",
    "How many mention arbitration?",
    "In how many documents is arbitration mentioned?",
    "Count the contracts that mention arbitration",
    "Count contracts by governing law",
    "What is the number of contracts without a termination clause?",
    "What percentage of our contracts mention arbitration?",
    "What share of the tickets was escalated?",
    "Which contracts mention force majeure?",
    "Which of our contracts are governed by New York law?",
    "What contracts expire in 2025?",
    "In which documents is Acme mentioned?",
    "List the contracts that mention audit rights",
    "List all tickets with priority high",
    "Show me every agreement that mentions exclusivity",
    "show all documents that mention arbitration but not mediation",
    "Find all invoices above $10,000",
    "Give me the contracts that have a cap on liability",
    "Name the agreements signed in 2019",
    "Do any of our contracts mention a most favored nation clause?",
    "Do all contracts have a governing law clause?",
    "Does every contract name a governing law?",
    "Is there an arbitration clause in each agreement?",
    "Tickets by priority",
    "Contracts by year",
    "documents that mention refunds by month",
    "Contracts with audit rights",
    "What is the most common governing law?",
    "What are the top 3 root causes?",
    "Top 5 categories",
    "most frequent priority",
    "What is the total amount of all invoices?",
    "What is the average contract value?",
    "What is the average amount of contracts that mention arbitration?",
    "Sum of the invoice amounts",
    "What is the highest amount?",
    "What is the highest invoice amount?",
    "What is the lowest price over all contracts?",
    "Which contracts have the largest liability cap?",
    "Distribution of tickets over months",
    "Give me a breakdown of priorities",
    "Across all contracts, what is the longest term?",
    "Which themes come up across our tickets?",
    "Indemnification mentions by year",
    "How many non-disclosure agreements were signed, per year?",
    "Compare 2019 and 2020: how many contracts mention audit rights?",
    "compare contracts from 2019 and 2020 that mention audit rights",
    "Compare audit rights between 2019 and 2020",
    "How do 2019 and 2020 compare in contracts that mention audit rights?",
    "Did more contracts mention audit rights in 2020 than in 2019?",
    "2019 vs 2020: contracts that mention audit rights",
    "Compare High and Low tickets by priority",
    "Compare contracts by governing law",
    "What are the main themes of the tickets?",
    "Sort the complaints into themes",
    "What are the recurring topics?",
    "Summarise the contracts that mention audit rights",
    "Summarize what the contracts say about termination",
    "Give me a short summary of the complaints about login",
    "How often is arbitration mentioned?",
    "How many times do the contracts mention arbitration?",
    "How many mentions of escrow are there in our contracts?",
    "How many different governing laws do the contracts name?",
    "List the distinct suppliers in our contracts",
    "List the different governing laws",
    "Count every mention of arbitration",
]
METADATA = [
    "How many documents do I have?",
    "how many files are there",
    "How many files are in the collection?",
    "list my files",
    "List all documents",
    "Show me all my documents.",
    "which files failed?",
    "Which documents are still processing?",
    "What files have I uploaded so far?",
    "What is the number of documents in this library?",
    "How many contracts do we have?",
]
LOOKUP = [
    "Which law governs the contract with Acme?",
    "How many days notice does the Acme contract require?",
    "How many days' notice must the tenant give?",
    "How many employees does Acme have?",
    "How many shares were issued to Smith?",
    "How much rent must be paid per month?",
    "What is the fee per year under the Acme contract?",
    "What is the total amount due under the Acme contract?",
    "What is the maximum liability under the Acme agreement?",
    "What is the highest fee in the Acme agreement?",
    "Who signed the lease?",
    "When does the agreement with Beta Corp end?",
    "What does the contract say about termination?",
    "What is in my documents about refunds?",
    "List the obligations of the tenant",
    "Which party pays the costs?",
    "What is the notice period?",
    "What is the minimum notice period?",
    "Explain the indemnification clause",
    "Is Acme allowed to assign the agreement?",
    "Must the report be delivered by month end?",
    "Why did the login fail for customer 4711?",
    "Summarise the lease",
    "Summarise the agreement with Acme",
    "Compare the Acme lease with the Beta lease",
    "What are the main topics of the lease?",
    "How often must rent be paid?",
    "How many different parties signed the lease?",
    "hello",
    "",
]


@pytest.mark.parametrize("question", COLLECTION)
def test_a_question_about_every_document_reads_the_collection(question: str) -> None:
    routing = route_question(question)

    assert routing.route is Route.COLLECTION, routing.reason


@pytest.mark.parametrize("question", METADATA)
def test_a_question_about_the_files_themselves_reads_none_of_them(question: str) -> None:
    routing = route_question(question)

    assert routing.route is Route.METADATA, routing.reason


@pytest.mark.parametrize("question", LOOKUP)
def test_a_question_for_one_fact_is_looked_up(question: str) -> None:
    routing = route_question(question)

    assert routing.route is Route.LOOKUP, routing.reason


@pytest.mark.parametrize("question", [COLLECTION[0], METADATA[0], LOOKUP[0]])
def test_the_reason_is_a_sentence(question: str) -> None:
    reason = route_question(question).reason

    assert reason[0].isupper()
    assert reason.endswith(".")


@given(st.text(max_size=300))
def test_any_text_gets_a_route_and_the_same_one_again(question: str) -> None:
    assert route_question(question) == route_question(question)


def test_the_port_offers_the_same_routes() -> None:
    assert language_model.Route is Route

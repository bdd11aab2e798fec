"""Makes a plan from a question by rules. It never guesses at meaning: it plans for words, and says so."""

import re
from dataclasses import replace

from census.adapters.lexical.asking_back import HOW_TO_ASK, unquotable, vague_words
from census.adapters.lexical.conditions import JoinNode, Node, NotNode, TermNode, read_condition
from census.adapters.lexical.frames import Grouping, ParsedQuestion, restore
from census.adapters.lexical.keywords import KEYWORD
from census.adapters.lexical.predicates import leaves, predicate_text
from census.adapters.lexical.question import parse_question
from census.adapters.lexical.reading import EVERY_PLACE, statement_stems
from census.adapters.lexical.words import STOP_WORDS, number_forms
from census.domain.errors import PlanInvalidError
from census.domain.plan import (
    AllOf,
    AnyOf,
    Atom,
    AtomField,
    AtomRef,
    Expression,
    FieldRef,
    FieldType,
    Filters,
    GroupBy,
    Kind,
    Negation,
    Plan,
    Term,
    Transform,
    Unit,
)
from census.domain.plan_codec import MAX_ATOMS, MAX_TEXT, plan_from_json, plan_to_json
from census.domain.routing import Route, Routing, route_question
from census.ports.language_model import PlanReply, PlanRequest

_NUMBER_LIKE = re.compile(
    r"\b(?:days?|hours?|months?|years?|weeks?|minutes?|number|count|quantity|term|period|duration|age|score|rating|"
    r"percent(?:age)?|rate|length|size|pages?)\b"
)


def plan_by_rules(request: PlanRequest) -> PlanReply:
    """A plan, or the route the question should take instead, or what to ask back."""
    routing = route_question(request.question)
    if not request.forced and routing.route is not Route.COLLECTION:
        return PlanReply(routing.route, routing.reason)
    if len(request.question) > MAX_TEXT:
        return _ask_back(
            f"The question is too long for the built-in rules; {MAX_TEXT} characters is the most."
        )
    parsed = parse_question(request.question)
    if parsed.unsupported:
        return _ask_back(parsed.unsupported)
    if vague := vague_words(parsed.adjectives):
        return _ask_back(vague)
    condition = read_condition(parsed.condition, parsed.quoted)
    unused = parsed.adjectives if condition else ""
    condition = condition or _from_adjectives(parsed)
    asks_of_all = parsed.grouping or parsed.measured or parsed.kind.folds or parsed.filters != Filters()
    if not condition and not (asks_of_all and not _leftover(parsed)):
        return _ask_back(HOW_TO_ASK)
    return _checked(_Planner(parsed, condition).plan(), _reason(routing, condition, unused))


def _checked(plan: Plan, reason: str) -> PlanReply:
    """The plan, if it is one that people could have sent: a long question can ask for too much at once."""
    if unclear := unquotable(plan):
        return _ask_back(unclear)
    try:
        plan_from_json(plan_to_json(plan))
    except PlanInvalidError as error:
        return _ask_back(
            f"The question asks for more than one plan can hold ({error}). Ask for fewer things at once; "
            f"{MAX_ATOMS} is the most."
        )
    return PlanReply(Route.COLLECTION, reason, plan)


def _ask_back(question: str) -> PlanReply:
    return PlanReply(
        Route.CLARIFICATION, "The built-in rules cannot plan this question.", clarification=question
    )


def _reason(routing: Routing, condition: Node | None, unused: str) -> str:
    chosen = routing.route is Route.COLLECTION
    sentences = [routing.reason if chosen else "Whole collection: as asked for."]
    if condition is not None and any(leaf.derived for leaf in leaves(condition)):
        sentences.append(
            "The built-in rules look for the words only, they do not judge what a document means."
        )
    if unused:
        sentences.append(f"“{unused}” was not looked for: the rules do not tell kinds of documents apart.")
    return " ".join(sentences)


def _from_adjectives(parsed: ParsedQuestion) -> Node | None:
    """ "How many arbitration agreements by year?": the words before the noun are all there is to look for."""
    if not parsed.adjectives:
        return None
    found = read_condition(f"with {parsed.adjectives}", parsed.quoted)
    return TermNode(found.term, found.shown, True) if isinstance(found, TermNode) else found


def _leftover(parsed: ParsedQuestion) -> bool:
    """Whether the condition holds words that no term was made of: dropping them would mislead."""
    words = re.findall(r"\w+", restore(parsed.condition, parsed.quoted).lower())
    return any(word not in _SAYS_NOTHING for word in words)


_SAYS_NOTHING = STOP_WORDS | {"got", "exist"}


class _Planner:
    """Gathers the atoms of one plan; the same term or field asked twice is one atom."""

    def __init__(self, parsed: ParsedQuestion, condition: Node | None) -> None:
        self.parsed = parsed
        self.condition = condition
        self.atoms: dict[str, Atom] = {}

    def plan(self) -> Plan:
        parsed = self.parsed
        where = self.expression(self.condition) if self.condition else None
        group_by = self.group(parsed.grouping) if parsed.grouping else None
        measure = self.measure(parsed.measured) if parsed.measured else None
        if parsed.kind is Kind.THEMES and group_by is None:
            group_by = GroupBy(self.keyword())
        elif parsed.kind is Kind.SUMMARY and where is None:
            where = AtomRef(self.keyword().atom)
        elif where is None and group_by and (parsed.kind is Kind.TOP_K or parsed.unit is Unit.ENTITY):
            where = AtomRef(group_by.source.atom)  # what names none is no name, and takes no place
        elif not self.atoms:
            self.keyword()  # a plan reads something, also where every document counts
        return Plan(
            kind=parsed.kind,
            predicate=self.predicate(where),
            atoms=tuple(self.atoms.values()),
            where=where,
            group_by=group_by,
            measure=measure,
            order="count" if parsed.kind is Kind.TOP_K else "default",
            limit=parsed.limit,
            filters=parsed.filters,
            unit=parsed.unit,
            compare=parsed.compare,
        )

    def predicate(self, where: Expression | None) -> str:
        if self.condition is None and isinstance(where, AtomRef):
            return self.atoms[where.atom].statement.removeprefix("The text ").rstrip(".")
        return predicate_text(self.condition)

    def expression(self, node: Node) -> Expression:
        match node:
            case TermNode(term, _, derived):
                return AtomRef(self.add(_mention(term, derived)))
            case NotNode(part):
                return Negation(self.expression(part))
            case JoinNode(op, parts):
                read = tuple(self.expression(part) for part in parts)
                return AllOf(read) if op == "and" else AnyOf(read)

    def add(self, atom: Atom) -> str:
        """Keep the atom and return its name: that of an equal one, or its own, made unique."""
        if self.parsed.unit is not Unit.DOCUMENT or self.parsed.kind is Kind.THEMES:
            atom = replace(atom, include=f"{EVERY_PLACE} {atom.include}".strip())
        for name, known in self.atoms.items():
            if known.key == atom.key:
                return name
        name, number = atom.name, 2
        while name in self.atoms:
            name, number = f"{atom.name}_{number}", number + 1
        self.atoms[name] = replace(atom, name=name)
        return name

    def keyword(self) -> FieldRef:
        field = AtomField(KEYWORD, FieldType.TEXT, "a word that the text uses often", KEYWORD)
        return FieldRef(
            self.add(Atom("keywords", "The text has words that stand out.", fields=(field,))), KEYWORD
        )

    def group(self, grouping: Grouping) -> GroupBy:
        label = _singular(grouping.label) if grouping.label else None
        is_date = grouping.transform is not Transform.VALUE or label is None or label.endswith("date")
        if not is_date and label is not None:
            return GroupBy(self.field(label, AtomField(_slug(label), FieldType.TEXT, f"the {label}", label)))
        found = AtomField(
            "date", FieldType.DATE, f"the {label}" if label else "the first date in the text", label
        )
        return GroupBy(self.field(label or "first date", found), grouping.transform)

    def measure(self, measured: str) -> FieldRef:
        label = measured if measured.startswith("number of") else _singular(measured)
        kind = FieldType.NUMBER if _NUMBER_LIKE.search(label) else FieldType.MONEY
        return self.field(label, AtomField("amount", kind, f"the {label}", label))

    def field(self, what: str, field: AtomField) -> FieldRef:
        article = "a date" if field.label is None else f"the {what}"
        return FieldRef(
            self.add(Atom(_slug(what), f"The text states {article}.", fields=(field,))), field.name
        )


def _mention(term: Term, derived: bool) -> Atom:
    """Words asked for stand as they are. Those of a clause that is spoken of ("restrict assignment") stand in
    any form: who may not “assign” restricts assignment. An atom without a term is read by its stems."""
    name, statement = f"mentions_{_slug(term.text)}", f"The text mentions “{term.text}”."
    if derived and not term.exact and statement_stems(statement):
        return Atom(name, statement, include="Other forms of the words count too.")
    return Atom(name, statement, term=term)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.lower()).strip("_")[:40] or "term"


def _singular(label: str) -> str:
    """`root causes` as `root cause`: a label names one value."""
    head, _, last = label.rpartition(" ")
    forms = number_forms(last)
    shortest = forms[1] if len(forms) > 1 and last.endswith("s") and len(forms[1]) < len(last) else last
    return f"{head} {shortest}".strip()

"""All orders in which workers, dead letters, lapses of claims and the reconciler take their transactions.

Who does what next is the order of map_batch, record_readings, drain_dead_letters, signal_job and
reconcile_work. The search is over a reference that is checked against the real store; a state that was seen
before is not searched again, and the orders that lead through it are counted all the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tests.engine.batch_reference import Batch, ReferenceStatements, Rows, Statements

Step = tuple[str, tuple[int, ...]]
"""What an actor does in one transaction, and with which batches."""


@dataclass(frozen=True)
class Hands:
    """What each actor still has to do, and what happened outside of the database."""

    actors: tuple[tuple[Step, ...], ...]
    kills: int = 1
    completers: int = 0
    sent: bool = False


Taken = tuple[Hands, Sequence[Step]]
Transaction = Callable[[Statements, Hands, tuple[int, ...]], Taken]


def fresh(batches: int) -> Rows:
    """A dispatched job."""
    return Rows(batches, 0, 0, False, (Batch(),) * batches)


def cast_of(deliveries: Sequence[tuple[int, ...]], dead_letter: int) -> Hands:
    """A worker a delivery, a dead letter that comes a second time, a lapse of claims, and a check."""
    workers = [(("claim", ordinals),) for ordinals in deliveries]
    return Hands((*workers, (("crashed", (dead_letter,)),), (("lapse", ()),), (("check", ()),)))


# Transactions


def _claim(store: Statements, hands: Hands, ordinals: tuple[int, ...]) -> Taken:
    before, claimed = store.rows(), store.claim(ordinals)
    assert not any(before.batches[n - 1].outcome for n in claimed.taken), "a call for a batch with an outcome"
    steps: list[Step] = [("record", claimed.taken)] if claimed.taken else []
    steps += [("crashed", (ordinal,)) for ordinal in claimed.crashed]
    steps += [("signal", ())] if set(ordinals) - {*claimed.taken, *claimed.suspects} else []
    return hands, [*steps, *(("claim", (ordinal,)) for ordinal in claimed.suspects)]


def _record(store: Statements, hands: Hands, ordinals: tuple[int, ...]) -> Taken:
    return _counted(hands, store.record(ordinals, "done"))


def _crashed(store: Statements, hands: Hands, ordinals: tuple[int, ...]) -> Taken:
    return _counted(hands, store.record(ordinals, "failed"))


def _counted(hands: Hands, completer: bool) -> Taken:
    return (replace(hands, completers=hands.completers + 1), [("signal", ())]) if completer else (hands, [])


def _signal(store: Statements, hands: Hands, nothing: tuple[int, ...]) -> Taken:
    """Look, send, and mark: between those only a death makes a difference, which is `_send` alone."""
    sending, _ = _send(store, hands, nothing)
    if sending.sent and not hands.sent:
        store.mark_signalled()
    return sending, []


def _send(store: Statements, hands: Hands, _: tuple[int, ...]) -> Taken:
    """Answer the token, which closes it."""
    return replace(hands, sent=hands.sent or store.pending()), []


def _lapse(store: Statements, hands: Hands, _: tuple[int, ...]) -> Taken:
    store.lapse()
    return hands, []


def _check(store: Statements, hands: Hands, _: tuple[int, ...]) -> Taken:
    """The reconciler: signal, else send again what was lost; its worker comes at once, in any order."""
    lost = store.send_lost()
    return hands, [("signal", ()), *([("claim", lost)] if lost else [])]


TRANSACTIONS: dict[str, Transaction] = {
    "claim": _claim,
    "record": _record,
    "crashed": _crashed,
    "signal": _signal,
    "send": _send,
    "lapse": _lapse,
    "check": _check,
}


def take(store: Statements, hands: Hands, actor: int) -> Hands:
    """One transaction of an actor, and what must hold after it."""
    (name, ordinals), *rest = hands.actors[actor]
    before = store.rows()
    hands, steps = TRANSACTIONS[name](store, hands, ordinals)
    after = store.rows()
    assert after.remaining == sum(not batch.outcome for batch in after.batches)
    assert after.done + after.failed + after.remaining == len(after.batches), "the ledger does not sum"
    assert hands.completers == (after.remaining == 0), "not exactly one completer"
    assert not hands.sent or after.remaining == 0, "the signal came too early"
    assert not after.signalled or hands.sent
    for was, now in zip(before.batches, after.batches, strict=True):
        assert was.outcome in ("", now.outcome), "an outcome changed"
    return with_steps(hands, actor, (*steps, *rest))


def with_steps(hands: Hands, actor: int, steps: Sequence[Step]) -> Hands:
    """The hands when this actor has these things to do."""
    actors = list(hands.actors)
    actors[actor] = tuple(steps)
    return replace(hands, actors=tuple(actors))


def killed(hands: Hands, actor: int, rows: Rows) -> Iterator[Hands]:
    """The hands after a death of the actor, at the points where it makes a difference."""
    name = hands.actors[actor][0][0]
    ends: dict[str, list[tuple[Step, ...]]] = {"record": [()]}
    if rows.remaining == 0:
        ends["signal"] = [(), (("send", ()),)]
    for last_words in ends.get(name, []) if hands.kills else []:
        yield replace(with_steps(hands, actor, last_words), kills=hands.kills - 1)


def help_comes(store: Statements, hands: Hands) -> None:
    """However it stands when all are done or dead: lapses and checks bring the job to its end."""
    for _ in range(4):
        hands = replace(hands, actors=((("lapse", ()), ("check", ())),))
        while hands.actors[0]:
            hands = take(store, hands, 0)
    assert (store.rows().remaining, hands.completers, hands.sent) == (0, 1, True)


@dataclass
class Search:
    """The search over the reference. `orders` by state: how many orders begin in it."""

    orders: dict[tuple[Hands, Rows], int] = field(default_factory=dict)
    transactions: int = 0
    ends: int = 0

    def count(self, hands: Hands, rows: Rows) -> int:
        """How many orders begin here; each was checked."""
        known = self.orders.get((hands, rows))
        if known is None:
            known = self.orders[hands, rows] = self._search(hands, rows)
        return known

    def _search(self, hands: Hands, rows: Rows) -> int:
        if not any(hands.actors):
            self.ends += 1
            help_comes(ReferenceStatements(rows), hands)
            return 1
        found = 0
        for actor in (place for place, steps in enumerate(hands.actors) if steps):
            self.transactions += 1
            store = ReferenceStatements(rows)
            following = take(store, hands, actor)
            found += self.count(following, store.now)
            found += sum(self.count(dead, rows) for dead in killed(hands, actor, rows))
        return found

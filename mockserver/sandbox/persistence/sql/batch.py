"""Batches: calls of one sandbox that come together are committed together, before any of them is answered."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mockserver.foundation.clock import stopwatch
from mockserver.sandbox.persistence.sql.connection import StoreConnection
from mockserver.sandbox.persistence.sql.transaction import Member, SqlTransaction, Transactions, is_in_loop
from mockserver.sandbox.unit_of_work import FIRST_PAUSE, LONGEST_PAUSE, STORE_PATIENCE, StoreBusy

_MOST = 64
"""The most calls of a batch."""
_UNSEEN = 2
"""How often changes are attempted before the sandbox is locked for them."""

Work = Callable[[], None]
OnEnd = Callable[[Exception | None], None]


class Batch:
    """The calls that a thread's event loop takes in one of its rounds, in one transaction.

    Where a look at the database costs a round trip, there is none: the calls are done on what memory has, and their
    changes are attempted. When others were first, memory gets what they did, and the calls are done again.
    """

    def __init__(self, transactions: Transactions, member: Member) -> None:
        self.member = member
        self._transactions = transactions
        self._transaction = SqlTransaction(None)
        self._calls: list[tuple[Work, OnEnd]] = []
        self._is_behind = False
        """Whether memory gave way to what others did, and lacks what the calls did."""
        self._begun = stopwatch()
        self._pause = FIRST_PAUSE

    def open(self) -> None:
        """Begins the transaction. Raises as `Transactions.begin` does on entry."""
        transactions, member = self._transactions, self.member
        with transactions.trouble.reported():
            if transactions.can_attempt and member.enter_unseen():
                self._transaction.members.append(member)
            else:
                self._transaction = transactions.enter(member)
        transactions.set_pending(self)

    def add(self, call: Work, on_end: OnEnd) -> None:
        """Does a call now; `on_end` is called once it is committed, or with the error that undid it.

        Raises what the call raises: then that, and nothing else, is undone.
        """
        try:
            self._do(call)
        except BaseException:
            if self._transaction.has_store:
                self._transactions.discard(self._transaction.store)
            self._give_up()
            for earlier in self._calls:
                self._do_alone(*earlier)
            raise
        self._calls.append((call, on_end))
        if not is_in_loop():
            self.flush()
        elif len(self._calls) == 1:
            asyncio.get_running_loop().call_soon(self._flush_soon)
        elif len(self._calls) >= _MOST:
            with suppress(StoreBusy):
                self.flush()

    def flush(self) -> None:
        """Commits it, and tells every call. Raises StoreBusy when it is pending still, since others hold the lock."""
        transactions = self._transactions
        if transactions.pending is not self:
            return
        error: Exception | None = None
        try:
            with transactions.trouble.reported():
                self._commit()
        except StoreBusy as busy:
            if not self._transaction.has_store and stopwatch() - self._begun < STORE_PATIENCE:
                raise
            error = busy
        except Exception as failure:
            error = failure
        if error is None:
            transactions.set_pending(None)
            transactions.trouble.over()
            self.member.done()
        else:
            self._give_up()
        for _, on_end in self._calls:
            on_end(error)

    def _flush_soon(self) -> None:
        """Commits it, and tries again as long as others hold the lock."""
        try:
            self.flush()
        except StoreBusy:
            asyncio.get_running_loop().call_later(self._pause, self._flush_soon)
            self._pause = min(self._pause * 1.5, LONGEST_PAUSE)

    def _commit(self) -> None:
        transactions = self._transactions
        store = self._transaction.store if self._transaction.has_store else transactions.take()
        try:
            if self._transaction.has_store or not self._attempt(store):
                changes = self.member.collect()
                store.finish([] if changes is None else [changes])
        except BaseException:
            transactions.discard(store)
            raise
        transactions.give_back(store)

    def _attempt(self, store: StoreConnection) -> bool:
        """Commits without a look, or returns False: then the sandbox is locked, and what is done is to be committed."""
        member = self.member
        for _ in range(_UNSEEN):
            self._catch_up()
            changes = member.collect()
            look = None if changes is None else store.attempt(changes)
            if look is None:
                return True
            self._is_behind = True
            member.adopt(look)
        # Others are quick: now they wait.
        store.begin()
        member.look(store)
        self._catch_up()
        return False

    def _catch_up(self) -> None:
        """Does all calls again, if memory gave way to what others did."""
        if self._is_behind:
            for call, _ in self._calls:
                self._do(call)
            self._is_behind = False

    def _do(self, call: Work) -> None:
        self._transactions.within(self._transaction, call)

    def _do_alone(self, call: Work, on_end: OnEnd) -> None:
        error: Exception | None = None
        try:
            with self._transactions.begin(self.member):
                call()
        except Exception as failure:
            error = failure
        on_end(error)

    def _give_up(self) -> None:
        self._transactions.set_pending(None)
        self.member.undo()


def join_batch(transactions: Transactions, member: Member) -> Batch:
    """Returns the batch of this thread in which a member's calls are: the one under way, or a new one.

    Raises as `Transactions.begin` does on entry.
    """
    pending = transactions.pending
    if isinstance(pending, Batch) and pending.member is member:
        return pending
    transactions.flush()
    batch = Batch(transactions, member)
    batch.open()
    return batch

"""Works through a list beside each other: in any order, the results in that of the list, and a failure ends it all."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from mockserver.judge.admission import Admission

T = TypeVar("T")
R = TypeVar("R")


def work_side_by_side(
    items: Sequence[T],
    work: Callable[[T], R],
    admission: Admission,
    *,
    order: Sequence[int],
    stop: Callable[[], None],
    on_done: Callable[[T], None],
) -> list[R]:
    """Returns the results of `work`, each in a thread of its own, begun by `order`, which has the positions of items.

    After a failure, or Ctrl-C, nothing begins any more, `stop` is to end what is under way, and it is raised again.
    """
    waiting = list(reversed(order))
    running: dict[Future[R], int] = {}
    results: dict[int, R] = {}
    with ThreadPoolExecutor(admission.most, thread_name_prefix="drill") as pool:
        try:
            while waiting or running:
                while waiting and admission.admits(len(running)):
                    position = waiting.pop()
                    running[pool.submit(work, items[position])] = position
                done, _ = wait(running, admission.pause if waiting else None, return_when=FIRST_COMPLETED)
                for future in done:
                    position = running.pop(future)
                    results[position] = future.result()
                    on_done(items[position])
        except BaseException:
            stop()
            raise
    return [results[position] for position in range(len(items))]

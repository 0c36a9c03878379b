"""Work in threads: results in order, only a few of them ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Results per thread that are begun before they are asked for."""


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int = 2) -> Iterator[Result]:
    """Apply a function to each item, `threads` at a time; closing the iterator stops the work.

    Unlike `Executor.map` it takes items only when their turn is near, so that memory stays bounded.

    Args:
        function: called in threads; what it raises is raised where its result is due.
        items: taken one by one in the thread that asks.
        threads: >= 1.

    Raises:
        ValueError: if `threads` is below 1.
    """
    if threads < 1:
        raise ValueError(f"expected one thread at least, got {threads}")
    return _map_in_order(function, items, threads)


def _map_in_order(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="map")
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) >= AHEAD * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)

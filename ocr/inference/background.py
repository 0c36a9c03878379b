"""Threads that work beside the network."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
T = TypeVar("T")


class BackgroundError(RuntimeError):
    """A job in a thread failed; the message names what it worked on."""


class Background:
    """Runs jobs in threads; whoever gives it more than `limit` at a time waits, so that memory stays bounded.

    A copy has threads of its own. Threads start with the first jobs.

    Args:
        threads: by default half of torch's, at most 4: a network on the CPU and the data loaders need the others.
        limit: jobs that wait or run at a time, >= 1.
    """

    def __init__(self, threads: int | None = None, limit: int = 32) -> None:
        self.threads = threads or min(4, max(1, torch.get_num_threads() // 2))
        self.limit = limit
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="background")
        self._free = BoundedSemaphore(limit)

    def __reduce__(self) -> tuple[type[Background], tuple[int, int]]:
        return Background, (self.threads, self.limit)

    def submit(self, name: str, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Submits a job.

        Args:
            name: what it works on, such as a file name.
            job: the function to call.
            *args: its arguments.
            **kwargs: its named arguments.

        Returns:
            Its result to come; asking for it raises BackgroundError where the job raised.
        """

        def named() -> T:
            try:
                return job(*args, **kwargs)
            except Exception as error:
                reason = str(error).removeprefix(f"{name}: ")
                raise BackgroundError(f"{name}: {reason}") from error

        self._free.acquire()
        future = self._pool.submit(named)
        future.add_done_callback(lambda _: self._free.release())
        return future

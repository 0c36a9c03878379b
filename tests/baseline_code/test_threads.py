"""Threads that work ahead, but not far."""

import threading

import pytest

from baseline_code.threads import map_in_order


def test_results_come_in_the_order_of_the_items():
    first_may_end = threading.Event()

    def job(item):
        if item == 0:
            assert first_may_end.wait(10)
        else:
            first_may_end.set()
        return item * item

    assert list(map_in_order(job, range(6), threads=2)) == [0, 1, 4, 9, 16, 25]


def test_items_are_taken_only_when_their_turn_is_near():
    taken = []

    def items():
        for item in range(100):
            taken.append(item)
            yield item

    results = map_in_order(lambda item: item, items(), threads=2)
    assert taken == []
    next(results)
    assert len(taken) == 4
    results.close()
    assert len(taken) == 4


def test_an_error_is_raised_where_its_result_is_due():
    results = map_in_order(lambda item: 1 // item, [1, 0, 1], threads=1)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_no_item_gives_no_result_and_no_thread_is_refused():
    assert list(map_in_order(str, [])) == []
    with pytest.raises(ValueError, match="one thread at least, got 0"):
        map_in_order(str, [1], threads=0)

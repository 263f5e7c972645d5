"""Threads that share work: every task once, nothing left running, one thread where work asks for threads again."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from numerics.compiled.workers import Workers, lasting_workers


class Threads(Workers):
    """As many as a test asks for, however many cores there are."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._others = ThreadPoolExecutor(count)


@pytest.mark.parametrize("tasks", [0, 1, 2, 3, 7])
def test_every_task_is_done_once(tasks: int) -> None:
    done: list[int] = []
    Threads(3).share_out(tasks, lambda _, first, last: done.extend(range(first, last)))
    assert sorted(done) == list(range(tasks))


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_failed_share_is_told_when_no_other_runs_any_more(failing: int) -> None:
    ended = []

    def work(worker: int, _first: int, _last: int) -> None:
        if worker == failing:
            raise ArithmeticError(worker)
        sleep(0.05)
        ended.append(worker)

    with pytest.raises(ArithmeticError, match=str(failing)):
        Threads(3).share_out(3, work)
    assert sorted(ended) == [worker for worker in range(3) if worker != failing]


def test_results_come_in_the_order_of_the_items() -> None:
    assert Threads(3).each(lambda x: x * x, [3, 1, 2, 5]) == [9, 1, 4, 25]


def test_work_that_asks_for_threads_runs_in_line() -> None:
    inner: list[int] = []
    Threads(2).share_out(2, lambda *_: inner.append(lasting_workers(8).count))
    assert inner == [1, 1]

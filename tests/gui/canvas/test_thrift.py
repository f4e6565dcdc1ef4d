"""At full speed the window keeps to its share of the processor."""

import pytest

from gui.canvas.thrift import SHARE, Thrift


class Thread:
    """A thread whose paintings take `cost` seconds each, asked at every tick of 0.03 s."""

    def __init__(self, cost: float, rest: float = 0.0) -> None:
        self.spent, self.cost, self.rest = 0.0, cost, rest
        self.thrift = Thrift(spent=lambda: self.spent)

    def live(self, begin: float, seconds: float) -> int:
        painted, now = 0, begin
        while now < begin + seconds:
            now += 0.03
            self.spent += self.rest
            if self.thrift.allows(now):
                painted += 1
                self.spent += self.cost
        return painted


@pytest.mark.parametrize("cost", [0.006, 0.02, 0.05])
def test_expensive_paintings_come_as_often_as_the_share_allows(cost: float) -> None:
    thread = Thread(cost)
    painted = thread.live(0.0, 60.0)
    assert painted * cost == pytest.approx(60.0 * SHARE, rel=0.1)


def test_cheap_paintings_never_wait() -> None:
    assert Thread(0.001).live(0.0, 3.0) >= 100


def test_whatever_else_the_thread_does_counts_as_well() -> None:
    most_of_it = 0.03 * SHARE * 0.7
    assert Thread(0.006, rest=most_of_it).live(0.0, 60.0) < 0.4 * Thread(0.006).live(0.0, 60.0)


def test_after_a_pause_it_begins_anew() -> None:
    thread = Thread(0.0, rest=1.0)
    thread.live(0.0, 1.0)
    assert not thread.thrift.allows(1.05)
    assert thread.thrift.allows(9.0)

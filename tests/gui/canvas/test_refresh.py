"""Refresh: what is seen belongs together, however seldom frames come."""

from __future__ import annotations

from itertools import pairwise

from gui.canvas import words
from gui.canvas.refresh import FLAT_OUT_SECONDS, SECONDS, SHARE, Refresh


def test_the_answers_follow_another_example_even_if_no_further_frame_comes(stage):
    made = stage("circle")
    made.view.set_waves(False)
    made.controller.set_pace(0.125)  # one step in eight seconds
    made.controller.play()
    made.wait(lambda: made.view.frame.snapshot.playing)
    output = made.view.canvas.output
    for _ in range(6):
        made.example.move(1)
        index = made.example.index
        made.wait(lambda index=index: made.view.frame.index == index)
        made.wait(lambda: output.rows == words.rows(made.view.frame))  # on a busy machine a step may come
    made.controller.pause()


def test_at_full_speed_each_kind_waits_its_time_and_what_is_expensive_longer(stage):
    made = stage("circle")
    refresh = Refresh(made.view.canvas, made.view.refresh.painter)
    refresh.take(made.view.frame)
    painted: list[tuple[str, float]] = []
    plain = refresh._paint

    def paint(frame, what, now):
        plain(frame, what, now)
        refresh._cost[what] = 0.08 if what == "faces" else 0.001
        painted.append((what, now))

    refresh._paint = paint
    for tick in range(400):
        refresh.take(made.view.frame)
        refresh.tick(100 + tick * 0.03, False, flat_out=True)
    times = {kind: [now for what, now in painted if what == kind] for kind in SECONDS}
    gaps = {kind: min(b - a for a, b in pairwise(found)) for kind, found in times.items()}
    assert gaps["neurons"] >= FLAT_OUT_SECONDS["neurons"] - 1e-6
    assert gaps["answers"] >= FLAT_OUT_SECONDS["answers"] - 1e-6
    assert gaps["faces"] >= 0.08 / SHARE - 1e-6
    assert max(b - a for a, b in pairwise(times["faces"])) < 1.2


def test_nothing_waits_much_longer_than_a_second_however_expensive(stage):
    made = stage("circle")
    refresh = Refresh(made.view.canvas, made.view.refresh.painter)
    refresh._cost = dict.fromkeys(SECONDS, 30.0)
    refresh.take(made.view.frame)
    refresh._painted_at = dict.fromkeys(SECONDS, 100.0)
    assert max(refresh._waits(100.9, False, True).values()) < 1.0
    assert min(refresh._waits(101.1, False, True).values()) >= 1.0

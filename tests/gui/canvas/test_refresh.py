"""Refresh: what is seen belongs together, however seldom frames come."""

from __future__ import annotations

from gui.canvas import words


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

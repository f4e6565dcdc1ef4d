"""A notice tells its listeners as a Qt signal would."""

from __future__ import annotations

import gc
import sys

import pytest
from PySide6.QtWidgets import QWidget

from gui.session.notice import Notice


class Listener:
    def __init__(self, heard: list[object]) -> None:
        self.heard = heard

    def hear(self, what: object) -> None:
        self.heard.append(what)


def test_all_are_told_in_their_order_until_they_want_no_more() -> None:
    notice, heard = Notice(), []
    first, second = Listener(heard), lambda what: heard.append(-what)
    notice.connect(first.hear)
    notice.connect(second)
    notice.emit(1)
    notice.disconnect(first.hear)
    notice.emit(2)
    assert heard == [1, -1, -2]


def test_it_keeps_nobody_alive() -> None:
    notice, heard = Notice(), []
    gone = Listener(heard)
    notice.connect(gone.hear)
    del gone
    gc.collect()
    notice.emit(1)
    assert heard == []


def test_a_deleted_widget_is_told_no_more(qtbot) -> None:
    class Widget(QWidget):
        def hear(self, what: object) -> None:
            heard.append(what)

    notice, heard = Notice(), []
    widget = Widget()
    notice.connect(widget.hear)
    notice.emit(1)
    widget.deleteLater()
    qtbot.waitUntil(lambda: not _is_valid(widget))
    notice.emit(2)
    assert heard == [1]


def _is_valid(widget: QWidget) -> bool:
    import shiboken6

    return shiboken6.isValid(widget)


def test_what_one_raises_is_reported_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    notice, heard, reported = Notice(), [], []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: reported.append(str(error)))

    def raises(what: object) -> None:
        raise ValueError("broken")

    notice.connect(raises)
    notice.connect(heard.append)
    notice.emit(3)
    assert (heard, reported) == ([3], ["broken"])


def test_one_may_leave_while_all_are_told() -> None:
    notice, heard = Notice(), []

    def once(what: object) -> None:
        heard.append(what)
        notice.disconnect(once)

    notice.connect(once)
    notice.connect(heard.append)
    notice.emit(1)
    notice.emit(2)
    assert heard == [1, 1, 2]

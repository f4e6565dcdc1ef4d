"""Garbage is collected in the window's thread, by its event loop, however many objects others make."""

import gc
import threading
import weakref

from gui import garbage
from gui.garbage import collected_by_the_event_loop


class _Node:
    def __init__(self) -> None:
        self.itself = self


def test_no_other_thread_collects(qtbot, monkeypatch):
    monkeypatch.setattr(garbage, "EVERY_MS", 10)
    collected: list[int] = []
    kept: list[list[object]] = []

    def work() -> None:
        weakref.finalize(_Node(), lambda: collected.append(threading.get_ident()))
        kept.extend([k] for k in range(20_000))  # as many objects as let Python collect

    enabled = gc.isenabled()
    gc.enable()
    with collected_by_the_event_loop():
        assert not gc.isenabled()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert collected == []
        qtbot.waitUntil(lambda: bool(collected), timeout=5000)
    assert collected == [threading.get_ident()]
    assert gc.isenabled()
    if not enabled:
        gc.disable()
    assert gc.get_freeze_count() == 0

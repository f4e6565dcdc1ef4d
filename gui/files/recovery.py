"""The offer to restore what a crash has left, one after another, in a banner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QBoxLayout, QPushButton

from engine.files import Recovery
from gui.files.autosaver import Autosaver
from gui.widgets.naming import name_control
from gui.widgets.notices import Banner


class RecoveryOffer(QObject):
    """Shows abandoned work in a banner with “Restore” and “Discard”.

    Attributes:
        offered: what the banner is about; leave: called with what is to be done once no unsaved work is open.
    """

    def __init__(self, autosaver: Autosaver, banner: Banner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.autosaver = autosaver
        self.banner = banner
        self.leave: Callable[[Callable[[], object]], object] = lambda then: then()
        self.offered: Recovery | None = None
        self._waiting: list[Recovery] = []
        self._asking = False
        self.discard = QPushButton(self.tr("Discard"))
        name_control(self.discard, self.tr("Discard"), self.tr("Delete this work for good"))
        self.discard.setProperty("kind", "quiet")
        self.discard.clicked.connect(self._on_discard)
        self.discard.hide()
        layout = banner.layout()
        assert isinstance(layout, QBoxLayout)
        layout.insertWidget(layout.count() - 1, self.discard)
        banner.closed.connect(self._on_closed)
        autosaver.found.connect(self.offer)

    def offer(self, items: list[Recovery]) -> None:
        """Offer abandoned work, the newest first."""
        self._waiting = list(items)
        self._next()

    def _next(self) -> None:
        self.offered = self._waiting.pop(0) if self._waiting else None
        if self.offered is not None:
            self._show(self.offered)

    def _show(self, item: Recovery) -> None:
        self.banner.say(
            self._sentence(item),
            action=self.tr("Restore"),
            do=self._on_restore,
            tip=self.tr("Open this work, as unsaved changes"),
        )
        self.discard.show()

    def _sentence(self, item: Recovery) -> str:
        moment = item.saved_at.astimezone()
        today = moment.date() == datetime.now(moment.tzinfo).date()
        when = moment.strftime("%H:%M") if today else moment.strftime("%Y-%m-%d %H:%M")
        if item.original_path is not None and not item.newer:
            return self.tr(
                "{name} was saved after this work from {when}, which a crash has left; it may be older."
            ).format(name=item.original_path.name, when=when)
        if item.original_path is None:
            return self.tr("Work from {when} was not saved.").format(when=when)
        name = item.original_path.name
        return self.tr("Work on {name} from {when} was not saved.").format(name=name, when=when)

    def _on_restore(self) -> None:
        item = self.offered
        if item is not None:
            self.leave(lambda: self._restore(item))
            self._asking = self.offered is not None

    def _restore(self, item: Recovery) -> None:
        self.offered = None
        self.banner.dismiss()
        self.autosaver.restore(item)

    def _on_discard(self) -> None:
        item, self.offered = self.offered, None
        self.discard.hide()
        self.banner.dismiss()
        if item is not None:
            self.autosaver.discard(item)
        self._next()

    def _on_closed(self) -> None:
        """Closed without an answer: it is offered again at the next start (after a question: at once)."""
        if self._asking and self.offered is not None:
            self._asking = False
            self._show(self.offered)
            return
        self.discard.hide()
        self.offered = None

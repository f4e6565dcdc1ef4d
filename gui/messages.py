"""What the window says in sentences: faults in the banner, where they stay; news in toasts, which pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from engine.address import with_titles
from engine.design import NetworkDesign
from engine.layers.weighted import Weighted
from engine.training.events import Edited
from gui.parts import Parts
from gui.widgets.notices import Banner, Kind, Toast, Toasts


class Messages(QObject):
    """Listens to all parts that may have something to say."""

    def __init__(self, parts: Parts, banner: Banner, toasts: Toasts, parent: QObject) -> None:
        super().__init__(parent)
        self.parts = parts
        self.banner = banner
        self.toasts = toasts
        self.choose_data: Callable[[], object] = lambda: None
        self.open_file: Callable[[Path], object] = lambda _path: None
        self._about_file = False  # what the banner says holds until the next file is opened or saved
        self._about_training = False  # what the banner says holds only until training is possible again
        self._carried: Toast | None = None
        self._design: NetworkDesign | None = None  # of the last run, without what is pruned and frozen
        p = parts
        p.storage.told.connect(toasts.say)
        for signal in (p.autosaver.failed, p.settings.failed):
            signal.connect(self.warn)
        p.storage.failed.connect(self._warn_of_file)
        p.storage.damaged.connect(self._offer_backup)
        p.storage.opened.connect(self._on_file_went_well)
        p.storage.saved.connect(self._on_file_went_well)
        p.training.cannot.connect(self._warn_of_training)
        p.controller.refused.connect(self._on_refused)
        p.document.project_changed.connect(self._clear)
        p.document.replaced.connect(self._clear)
        p.controller.stopped.connect(self._on_stopped)
        p.controller.edited.connect(self._on_edited)
        p.controller.opened.connect(self._on_opened)
        p.controller.playing_changed.connect(self._on_playing)

    def warn(self, sentence: str) -> None:
        """Say what is wrong."""
        self._about_training = self._about_file = False
        self.banner.say(sentence, kind="warning")

    def _warn_of_file(self, sentence: str) -> None:
        self.warn(sentence)
        self._about_file = True

    def _offer_backup(self, sentence: str, backup: Path) -> None:
        self._about_training, self._about_file = False, True
        tip = self.tr("Open {name}, as unsaved changes").format(name=backup.name)
        action = self.tr("Open the backup")
        self.banner.say(sentence, kind="warning", action=action, do=lambda: self.open_file(backup), tip=tip)

    def _on_file_went_well(self, _what: object) -> None:
        if self._about_file:
            self._about_file = False
            self.banner.dismiss()

    def _warn_of_training(self, sentence: str) -> None:
        if self.parts.storage.lacks_data:
            tip = self.tr("Open the data file again, or choose another data set")
            action = self.tr("Choose the data …")
            self._about_file = False
            self.banner.say(sentence, kind="warning", action=action, do=self.choose_data, tip=tip)
        else:
            self.warn(sentence)
        self._about_training = True

    def _on_refused(self, sentence: str, was_playing: bool) -> None:
        """Say why it stopped training, or cannot; while a network is being built, its badges say it."""
        document, training = self.parts.document, self.parts.training
        if not document.project.design.layers:
            return  # the canvas says how to begin
        sentence = with_titles(sentence, document.project.design)
        if was_playing:
            self._warn_of_training(self.tr("Training pauses. {why}").format(why=sentence))
        elif not (document.undo_stack.index() and training.obstacle()):
            self._warn_of_training(sentence)

    def _on_stopped(self, reason: str, layer: str) -> None:
        if reason:
            self._about_training, self._about_file = True, False
            kind: Kind = "warning" if layer else "info"
            tip = self.tr("Back to the initial weights, to train anew")
            self.banner.say(reason, kind=kind, action=self.tr("Reset"), do=self.parts.training.reset, tip=tip)

    def _on_opened(self) -> None:
        self._clear()
        self._design = unmarked(self.parts.controller.project.design)

    def _on_edited(self, event: Edited) -> None:
        self._clear()
        before, self._design = self._design, unmarked(event.project.design)
        if before == self._design:
            return  # pruned or frozen: the picture shows that
        if event.step and event.report is not None and event.report.sentences:  # before, nothing is learned
            if self._carried is not None and self._carried in self.toasts.shown:
                self._carried.dismiss()  # what became of the weights is told of the last edit only
            self._carried = self.toasts.say(" ".join(event.report.sentences))

    def _on_playing(self, playing: bool) -> None:
        if playing:
            self._clear()

    def _clear(self) -> None:
        """What forbade to train is no longer so."""
        if self._about_training:
            self._about_training = False
            self.banner.dismiss()


def unmarked(design: NetworkDesign) -> NetworkDesign:
    """A design without what is pruned and frozen in it."""
    layers = tuple(
        replace(spec, mask=b"", frozen=b"") if isinstance(spec, Weighted) else spec for spec in design.layers
    )
    return replace(design, layers=layers)

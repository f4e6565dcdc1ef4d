"""Asking about files: which to open, how to name what is saved, what to do with unsaved work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from engine.datasets.files import DATA_ENDINGS, is_data_file
from engine.design import DataConfig
from engine.examples import empty_project
from engine.files import SUFFIX
from gui.files.storage import Storage
from gui.settings import SettingsStore
from gui.widgets.naming import name_buttons

Then = Callable[[], object]


class FileDialogs(QObject):
    """What the actions of the File menu do.

    Signals:
        asked(QDialog): a dialog was opened.
    """

    asked = Signal(object)

    def __init__(self, storage: Storage, settings: SettingsStore, window: QWidget) -> None:
        super().__init__(window)
        self.storage = storage
        self.document = storage.document
        self.settings = settings
        self.window = window
        storage.file_used.connect(settings.add_recent)

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        endings = " ".join(f"*{ending}" for ending in (SUFFIX, *DATA_ENDINGS))
        dialog = QFileDialog(self.window, self.tr("Open"), self._folder())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [
                self.tr("Projects and data ({endings})").format(endings=endings),
                self.tr("Projects ({endings})").format(endings=f"*{SUFFIX}"),
                self.tr("All files (*)"),
            ]
        )
        dialog.fileSelected.connect(self.open_path)
        self._show(dialog)

    def open_path(self, path: str | Path) -> None:
        """Open a file, once unsaved work is dealt with; a data file may be what the open project lacks."""
        if self.storage.lacks_data and is_data_file(path):
            self.storage.use_data_file(path)
            return
        self.leave(lambda: self.storage.open_file(path))

    def open_example(self, name: str) -> None:
        """Open an example, once unsaved work is dealt with."""
        self.leave(lambda: self.storage.open_example(name))

    def new_project(self) -> None:
        """An empty canvas, once unsaved work is dealt with."""
        self.leave(lambda: self.storage.begin(empty_project()))

    def use_data(self, config: DataConfig) -> None:
        """Train on other data."""
        self.storage.use_data(config)

    def save(self, then: Then | None = None) -> None:
        """Save to the project's file, or ask for a name."""
        if not self.storage.save(lambda well: then() if then is not None and well else None):
            self.ask_save_as(then)

    def ask_save_as(self, then: Then | None = None) -> None:
        """Ask for a name and save."""
        dialog = QFileDialog(self.window, self.tr("Save as"), self._folder())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilter(self.tr("Projects ({endings})").format(endings=f"*{SUFFIX}"))
        dialog.setDefaultSuffix(SUFFIX[1:])
        name = self.document.path.name if self.document.path else f"{self.document.project.name}{SUFFIX}"
        dialog.selectFile(name.replace("/", "-"))

        def save(path: str) -> None:
            self.storage.save_as(path, lambda well: then() if then is not None and well else None)

        dialog.fileSelected.connect(save)
        self._show(dialog)

    def leave(self, then: Then) -> None:
        """Do `then` once there is no unsaved work: saved, or given up; not at all if the person cancels."""
        if not self.document.modified:
            then()
            return
        box = QMessageBox(self.window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Unsaved work"))
        box.setText(self.tr("Save what you changed and what the network has learned?"))
        box.setInformativeText(self.tr("Otherwise it is lost."))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        for kind, text in (
            (buttons.Save, self.tr("&Save")),
            (buttons.Discard, self.tr("&Discard")),
            (buttons.Cancel, self.tr("&Cancel")),
        ):
            box.button(kind).setText(text)  # Qt's own texts have no key everywhere
        name_buttons(
            box,
            {
                buttons.Save: self.tr("Save, then go on"),
                buttons.Discard: self.tr("Go on and lose what was not saved"),
                buttons.Cancel: self.tr("Stay here, and save nothing"),
            },
        )

        def answered(answer: int) -> None:
            if answer == buttons.Save.value:
                self.save(then)
            elif answer == buttons.Discard.value:
                then()

        box.finished.connect(answered)
        self._show(box)

    def _show(self, dialog: QFileDialog | QMessageBox) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.asked.emit(dialog)

    def _folder(self) -> str:
        if self.document.path is not None:
            return str(self.document.path.parent)
        last = self.settings.values.last_folder
        return last if last and Path(last).is_dir() else str(Path.home())

"""What the program remembers between two starts: one small JSON file in the platform's config folder.

The file is checked against its schema and written atomically. One that cannot be read is set aside, never
deleted, and the program starts with the defaults. A failure here never stops the program: it is a sentence.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import Meta
from PySide6.QtCore import QCoreApplication, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

HOME_VARIABLE = "SYNAPSCOPE_HOME"
FILE_NAME = "settings.json"
MOST_RECENT = 12
SAVE_DELAY_MS = 400
FRAME = 48
"""Pixels that a window's frame and title may take, at most."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything remembered, as one frozen value.

    `pace` is in batches per second, None for full speed; `window` is x, y, width, height in logical pixels.
    """

    theme: Literal["system", "light", "dark"] = "system"
    text_scale: Annotated[float, Meta(ge=0.5, le=4.0)] = 1.0
    reduce_motion: bool = False
    show_signs: bool = False
    log_loss: bool = False
    pace: Annotated[float, Meta(gt=0.0, le=1e9)] | None = 60.0
    recent_files: tuple[str, ...] = ()
    window: tuple[int, int, int, int] | None = None
    maximized: bool = False
    drawer_height: Annotated[int, Meta(ge=0, le=10_000)] = 0
    last_folder: str = ""


class SettingsStore(QObject):
    """Holds the settings, changes them and writes them, a moment later and at the latest by `save`.

    Signals:
        changed(str): the name of a setting that has another value.
        failed(str): a sentence; the settings could not be written. It is said once, and again only if they
            could be in between.
    """

    changed = Signal(str)
    failed = Signal(str)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or config_folder() / FILE_NAME
        self.values, self.problem = load(self.path)
        self._saved = self.values
        self._told = False
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self.save)

    def change(self, **values: Any) -> None:
        """Give some settings another value."""
        before = self.values
        self.values = msgspec.structs.replace(before, **values)
        for name in values:
            if getattr(before, name) != getattr(self.values, name):
                self.changed.emit(name)
        if self.values != self._saved:
            self._timer.start()

    def save(self) -> bool:
        """Write now what is not yet written; False if the disk refuses."""
        self._timer.stop()
        if self.values == self._saved:
            return True
        try:
            write_atomically(self.path, msgspec.json.format(msgspec.json.encode(self.values), indent=2))
        except OSError as error:
            self._tell(error)
            return False
        self._saved = self.values
        self._told = False
        return True

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            sentence = self.tr("The settings could not be saved in {folder}: {reason}.")
            self.failed.emit(sentence.format(folder=self.path.parent, reason=error.strerror or error))

    def add_recent(self, path: str | os.PathLike[str]) -> None:
        """Put a file at the head of the recent ones."""
        name = os.path.abspath(path)
        others = (other for other in self.values.recent_files if other != name)
        self.change(recent_files=(name, *others)[:MOST_RECENT], last_folder=os.path.dirname(name))

    def recent_files(self) -> tuple[Path, ...]:
        """The recent files that are still there, newest first."""
        return tuple(path for name in self.values.recent_files if (path := Path(name)).is_file())

    def clear_recent(self) -> None:
        """Forget the recent files."""
        self.change(recent_files=())

    def remember_window(self, window: QWidget) -> None:
        """Note where a window is and how large."""
        self.change(window=window.normalGeometry().getRect(), maximized=window.isMaximized())

    def restore_window(self, window: QWidget, width: int = 1280, height: int = 800) -> None:
        """Put a window where it was, if that place is still on a screen; else centered, as large as fits."""
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if self.values.window is not None:
            wanted = QRect(*self.values.window)
            if wanted.width() >= 200 and wanted.height() >= 150 and _is_reachable(wanted, screens):
                window.setGeometry(wanted)
                if self.values.maximized:
                    window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
                return
        if screens:
            free = screens[0]
            place = QRect(0, 0, min(width, free.width()), min(height, free.height()))
            place.moveCenter(free.center())
            window.setGeometry(place)
            if width + FRAME > free.width() or height + FRAME > free.height():  # its frame would stick out
                window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)


def config_folder() -> Path:
    """Where settings live: $SYNAPSCOPE_HOME if set, else the platform's config folder."""
    own = os.environ.get(HOME_VARIABLE)
    return Path(own) if own else platformdirs.user_config_path("synapscope", appauthor=False, roaming=True)


def load(path: Path) -> tuple[Settings, str | None]:
    """Read settings; where they cannot be read, the defaults and a sentence saying what was done."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings), None
    except FileNotFoundError:
        return Settings(), None
    except OSError as error:
        problem = QCoreApplication.translate(
            "Settings", "The settings could not be read ({reason}), so the defaults are used."
        )
        return Settings(), problem.format(reason=error.strerror or error)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Settings(), _set_aside(path)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file as a whole or not at all (OSError)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _set_aside(path: Path) -> str:
    aside = path.with_name(path.stem + ".damaged" + path.suffix)
    try:
        os.replace(path, aside)
    except OSError:
        text = "The settings file {name} is damaged, so the defaults are used."
        return QCoreApplication.translate("Settings", text).format(name=path.name)
    text = "The settings file was damaged, so the defaults are used; the old file is kept as {name}."
    return QCoreApplication.translate("Settings", text).format(name=aside.name)


def _is_reachable(place: QRect, screens: list[QRect]) -> bool:
    """Whether enough of the title bar can be grabbed with a mouse."""
    bar = QRect(place.x(), place.y(), place.width(), 32)
    parts = (screen.intersected(bar) for screen in screens)
    return any(part.width() >= 100 and part.height() >= 16 for part in parts)

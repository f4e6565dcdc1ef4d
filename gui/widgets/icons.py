"""The icons: strokes in `resources/icons/*.svg`, drawn in the colors of the current look at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.resources import resource
from gui import theme

SIZE = 20  # pixels, as drawn


def icon(name: str, color: str = "") -> QIcon:
    """An icon by name, in a color (default: the text's) of the current look; ask again when that changes.

    Where it is disabled it is paler, where it is chosen it takes the accent. KeyError for an unknown name.
    """
    look = theme.current()
    return _icon(name, look.px(SIZE), color or look.text, look.control, color or look.accent, _ratios())


def app_icon() -> QIcon:
    """The program's own icon, a small network."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_render(_source("synapscope"), size, 1.0))
    return made


def pixmap(name: str, color: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture of `size` logical pixels for a screen of that device pixel ratio."""
    picture = QPixmap(_stencil(name, size, ratio))
    painter = QPainter(picture)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(0, 0, size, size, QColor(color))
    painter.end()
    return picture


def names() -> tuple[str, ...]:
    """All icons there are, without the program's own."""
    files = resource("icons").glob("*.svg")
    return tuple(sorted(file.stem for file in files if file.stem != "synapscope"))


@lru_cache(maxsize=512)
def _icon(name: str, size: int, normal: str, disabled: str, chosen: str, ratios: tuple[float, ...]) -> QIcon:
    """With pictures of one size, the largest in this look: each one more delays the start."""
    made = QIcon()
    for color, mode, state in (
        (normal, QIcon.Mode.Normal, QIcon.State.Off),
        (disabled, QIcon.Mode.Disabled, QIcon.State.Off),
        (disabled, QIcon.Mode.Disabled, QIcon.State.On),
        (chosen, QIcon.Mode.Normal, QIcon.State.On),
    ):
        for ratio in ratios:
            made.addPixmap(pixmap(name, color, size, ratio), mode, state)
    return made


def _ratios() -> tuple[float, ...]:
    """The device pixel ratios of the screens there are: drawing for all possible ones delays the start."""
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()})) or (1.0,)


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    path = resource("icons", f"{name}.svg")
    if not path.is_file():
        raise KeyError(f"there is no icon named {name!r}")
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _stencil(name: str, size: int, ratio: float) -> QPixmap:
    """An icon whose color does not count, drawn once for all colors: reading it takes the most time."""
    return _render(_source(name).replace("currentColor", "#000"), size, ratio)


def _render(source: str, size: int, ratio: float) -> QPixmap:
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture

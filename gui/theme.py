"""The two looks of the window, light and dark: their colors, fonts and measures, and who switches them.

Hue belongs to numbers (orange, blue and green mean something on the canvas), so the window itself is gray
with one violet accent for what is chosen or focused. A widget asks `current()` whenever it paints; who keeps
something made of colors (an icon, a pen) listens to `manager().changed`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from gui.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]

GRID = 4  # pixels; every distance is a multiple of it
TEXT, SMALL, EQUATION = 13, 11, 16  # pixels
PRESENTATION_SCALE = 1.5
LEGIBLE = 4.5  # the least contrast of text (WCAG 2.2, success criterion 1.4.3)


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. Colors are "#RRGGBB".

    Attributes:
        canvas, panel, field: backgrounds of the picture, of what stands around it, and of what is typed into.
        text, secondary: the two text colors, both legible on all three backgrounds.
        line, control: a quiet separator, and the outline that makes a control recognizable.
        hover, pressed: a control's background under the mouse.
        negative, zero, positive, gradient: the scale of the picture; gradient_text: letters in its green.
        accent, on_accent: what is chosen, and text on it; focus is the ring around what has the keyboard.
        fault: what is wrong. curves: lines in charts, in this order.
        scale: factor for all text and for the measures around it (1.5 for a projector).
    """

    name: str
    dark: bool
    canvas: str
    panel: str
    field: str
    text: str
    secondary: str
    line: str
    control: str
    hover: str
    pressed: str
    negative: str
    zero: str
    positive: str
    gradient: str
    gradient_text: str
    accent: str
    on_accent: str
    focus: str
    fault: str
    curves: tuple[str, ...]
    scale: float = 1.0

    def px(self, pixels: float) -> int:
        """A measure in pixels, scaled with the text."""
        return round(pixels * self.scale)

    def font(self, pixels: int = TEXT, *, bold: bool = False) -> QFont:
        """The system's font at a size in unscaled pixels, with figures of equal width where it has them."""
        font = QFont(_system_font())
        font.setPixelSize(self.px(pixels))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def color(self, role: str, alpha: float = 1.0) -> QColor:
        """One of the colors by attribute name."""
        color = QColor(getattr(self, role))
        color.setAlphaF(alpha)
        return color


LIGHT = Theme(
    name="light",
    dark=False,
    canvas="#FBFBFA",
    panel="#F3F3F1",
    field="#FFFFFF",
    text="#1F2328",
    secondary="#5C6670",
    line="#DFE1E2",
    control="#858C94",
    hover="#E7E8E6",
    pressed="#DBDDDC",
    negative="#D55E00",
    zero="#DFE2E6",
    positive="#0072B2",
    gradient="#00876C",
    gradient_text="#007A62",
    accent="#5A48C8",
    on_accent="#FFFFFF",
    focus="#5A48C8",
    fault="#B3164F",
    curves=("#1F2328", "#6A55DA", "#A34F8B", "#8A6428", "#3F7F8C", "#5C6670"),
)
DARK = Theme(
    name="dark",
    dark=True,
    canvas="#15181C",
    panel="#1B1F24",
    field="#23282E",
    text="#E6E8EB",
    secondary="#9AA4AF",
    line="#2D333A",
    control="#737C86",
    hover="#272C33",
    pressed="#323840",
    negative="#FF9A3C",
    zero="#3A4048",
    positive="#4FB0FF",
    gradient="#5CE0A8",
    gradient_text="#5CE0A8",
    accent="#A99CFF",
    on_accent="#17132E",
    focus="#A99CFF",
    fault="#FF7FA9",
    curves=("#E6E8EB", "#A99CFF", "#F09BD3", "#D9B36C", "#76C7D6", "#9AA4AF"),
)


class ThemeManager(QObject):
    """Gives the application its look and changes it when the system or the user does.

    Signals:
        changing(): the look will be another in a moment, which is much work for a large window.
        changed(Theme): the look is another; already applied to the application.
    """

    changing = Signal()
    changed = Signal(object)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._theme = self._wanted(1.0)
        self._applied = False
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def theme(self) -> Theme:
        """The look in use."""
        return self._theme

    @property
    def choice(self) -> Choice:
        """What the user chose: "system", "light" or "dark"."""
        return self._choice

    def begin(self, scale: float) -> None:
        """Settle the font before there are widgets: under a first style sheet they keep what they have."""
        if not self._applied:
            self._theme = replace(self._theme, scale=_legible(scale))
            self._app.setFont(self._theme.font())

    def choose(self, choice: Choice) -> None:
        """Follow the system, or keep to one look."""
        self._choice = choice
        self._tell_system()
        self._use(self._wanted(self._theme.scale))

    def set_scale(self, scale: float) -> None:
        """Scale all text; `PRESENTATION_SCALE` is for a projector."""
        self._use(replace(self._theme, scale=_legible(scale)))

    def apply(self) -> None:
        """Give the application the look in use; `choose` and `set_scale` do so by themselves."""
        theme = self._theme
        self._app.setPalette(palette(theme))
        self._app.setFont(theme.font())
        # Replacing a sheet, Qt polishes each widget once for every widget around it, seven times on average;
        # taking it away first, it does so three times, and the palette reaches every widget at once.
        self._app.setStyleSheet("")
        self._app.setStyle("Fusion")
        self._app.setStyleSheet(stylesheet(theme))
        self._applied = True

    def _use(self, theme: Theme) -> None:
        if theme == self._theme and self._applied:
            return
        self._theme = theme
        self.changing.emit()
        self.apply()
        self.changed.emit(theme)

    def _wanted(self, scale: float) -> Theme:
        dark = self._choice == "dark" or (self._choice == "system" and system_is_dark())
        return replace(DARK if dark else LIGHT, scale=scale)

    def _tell_system(self) -> None:
        """Ask for a title bar and native dialogs to match."""
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        scheme = schemes.get(self._choice)
        hints = self._app.styleHints()
        if scheme is None:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(scheme)

    def _on_system_changed(self) -> None:
        self._use(self._wanted(self._theme.scale))


def _legible(scale: float) -> float:
    return min(max(scale, 0.5), 4.0)


_manager: ThemeManager | None = None


def manager() -> ThemeManager:
    """The one theme manager of the running application (RuntimeError where there is none)."""
    global _manager
    if _manager is None or not shiboken6.isValid(_manager):
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        _manager = ThemeManager(app)
    return _manager


def current() -> Theme:
    """The look in use."""
    return manager().theme


def is_restyled(event: QEvent) -> bool:
    """Whether a `changeEvent` says that fonts, colors or measures are others."""
    kinds = (QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.PaletteChange)
    return event.type() in kinds


def system_is_dark() -> bool:
    """Whether the system asks for a dark look; light where it does not say."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a look, for everything that the style sheet leaves to the style."""
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.secondary,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.fault,
        role.ToolTipBase: theme.text,
        role.ToolTipText: theme.canvas,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.field,
        role.Midlight: theme.hover,
        role.Mid: theme.control,
        role.Dark: theme.control,
        role.Shadow: theme.line,
    }
    result = QPalette()
    for name, color in colors.items():
        result.setColor(name, QColor(color))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.control))
    return result


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colors, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance")."""
    high, low = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


@lru_cache(maxsize=1)
def _system_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font

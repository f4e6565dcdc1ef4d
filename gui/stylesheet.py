"""The application's one style sheet, on top of Qt's Fusion style: flat, few lines, no boxes in boxes."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.theme import Theme

# Labels choose their role by the property "role", buttons theirs by the property "kind"; one "beside" a
# field leaves the focus, and showing it, to that.
_RULES = Template("""
QLabel[role="secondary"] { color: $secondary; font-size: ${small}px; }
QLabel[role="heading"] { font-size: ${text_size}px; font-weight: 600; }
QLabel[role="equation"] { font-size: ${equation}px; }
QLabel[role="fault"] { color: $fault; font-size: ${small}px; }
QLabel[role="complaint"] {
    color: $fault; background: $field; border: 1px solid $fault; border-radius: 6px;
    padding: 4px 8px; font-size: ${small}px;
}

QMainWindow, QDialog { background: $panel; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator, QSplitter::handle { background: $line; width: 1px; height: 1px; }
QFrame[role="line"] { background: $line; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget[role="page"] { background: transparent; border: none; }
QStatusBar { background: $panel; color: $secondary; font-size: ${small}px; }
QStatusBar::item { border: none; }
QToolBar { background: $panel; border: none; spacing: ${u1}px; padding: ${u1}px ${u2}px; }
QToolBar::separator { background: $line; width: 1px; margin: ${u1}px ${u2}px; }

QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit {
    background: $field; color: $text; border: 1px solid $line; border-bottom-color: $control;
    border-radius: 4px; padding: ${u_half}px ${u1}px; selection-background-color: $accent;
    selection-color: $on_accent;
}
QLineEdit { min-height: ${field_height}px; }
QAbstractSpinBox QLineEdit { min-height: 0; }
QLineEdit:hover, QAbstractSpinBox:hover { border-color: $control; }
QLineEdit:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 2px solid $focus; padding: ${u_half_focus}px ${u1_focus}px;
}
QLineEdit[kind="narrow"], QLineEdit[kind="narrow"]:focus { padding-left: 0; padding-right: 0; }
QLineEdit[faulty="true"], QAbstractSpinBox[faulty="true"] { border: 2px solid $fault; }
QLineEdit:disabled, QAbstractSpinBox:disabled { color: $control; background: $panel; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0; }

QPushButton {
    background: $field; color: $text; border: 1px solid $control; border-radius: 6px;
    padding: ${u1}px ${u3}px; min-height: ${u5}px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: 2px solid $focus; padding: ${u1_focus}px ${u3_focus}px; }
QPushButton:disabled { color: $control; border-color: $line; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { background: $accent_hover; }
QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: $accent; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:focus { border-color: $focus; }

QToolButton {
    background: transparent; color: $text; border: 2px solid transparent; border-radius: 6px;
    padding: ${icon_pad}px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $chosen; color: $accent; }
QToolButton:focus { border-color: $focus; }
QToolButton:disabled { color: $control; }
QToolButton[kind="beside"]:focus { border-color: transparent; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="small"] {
    color: $secondary; font-size: ${small}px; border-width: 1px; border-radius: 4px; padding: 0 ${u1}px;
}
QToolButton[kind="small"]:checked { color: $accent; }
QToolButton[kind="disclosure"] { color: $secondary; padding: 0; margin-left: -${u1}px; }
QToolButton[kind="disclosure"]:checked { background: transparent; color: $secondary; }
QToolButton[kind="primary"] { background: $accent; color: $on_accent; padding: ${icon_pad}px ${u3}px; }
QToolButton[kind="primary"]:hover { background: $accent_hover; }
QToolButton[kind="primary"]:focus { border-color: $text; }

QMenuBar { background: $panel; color: $text; padding: 0 ${u1}px; }
QMenuBar::item { background: transparent; padding: ${u1}px ${u2}px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; }
QMenu { background: $field; color: $text; border: 1px solid $line; padding: ${u1}px; }
QMenu::item { padding: ${u1}px ${u5}px ${u1}px ${u2}px; border-radius: 4px; }
QMenu::item:selected { background: $chosen; }
QMenu::item:disabled { color: $control; }
QMenu::separator { background: $line; height: 1px; margin: ${u1}px ${u2}px; }
QMenu::icon { padding-left: ${u1}px; }

QAbstractItemView {
    background: $field; color: $text; border: 1px solid $line; outline: none; padding: ${u_half}px;
    selection-background-color: $chosen; selection-color: $text;
}
QAbstractItemView::item { padding: ${u1}px ${u2}px; border-radius: 4px; min-height: ${u5}px; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $chosen; color: $text; }
QAbstractItemView::indicator {
    background: $field; border: 1px solid $control; border-radius: 3px; width: ${u3}px; height: ${u3}px;
}
QAbstractItemView::indicator:checked { background: $accent; border-color: $accent; }
QListView[role="plain"], QTreeView[role="plain"] { background: transparent; border: none; }
QHeaderView { background: $field; border: none; padding: 0; }
QHeaderView::section {
    background: $field; color: $secondary; border: none; border-bottom: 1px solid $line;
    padding: ${u1}px ${u2}px; font-size: ${small}px;
}

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $thumb; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QToolTip {
    background: $text; color: $canvas; border: none; padding: ${u1}px ${u2}px; font-size: ${small}px;
}
QProgressBar {
    background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QTabBar::tab {
    background: transparent; color: $secondary; border: none; border-bottom: 2px solid transparent;
    padding: ${u1}px ${u2}px; margin-right: ${u1}px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }
""")

_COLORS = (
    *("canvas", "panel", "field", "text", "secondary", "line", "control", "hover", "pressed"),
    *("accent", "on_accent", "focus", "fault"),
)


def stylesheet(theme: Theme) -> str:
    """The style sheet of one look, with its colors and its scaled measures filled in."""
    colors = {name: getattr(theme, name) for name in _COLORS}
    units = {f"u{count}": theme.px(4 * count) for count in range(1, 7)}
    return _RULES.substitute(
        colors,
        **units,
        u_half=theme.px(2),
        u_half_focus=max(theme.px(2) - 1, 0),
        u1_focus=units["u1"] - 1,
        u3_focus=units["u3"] - 1,
        field_height=theme.px(22),
        icon_pad=theme.px(4),
        small=theme.px(11),
        text_size=theme.px(13),
        equation=theme.px(16),
        chosen=mixed(theme.accent, theme.field, 0.16),
        accent_hover=mixed(theme.accent, theme.text, 0.85),
        thumb=mixed(theme.control, theme.panel, 0.5),
    )


def mixed(first: str, second: str, share: float) -> str:
    """The color made of `share` of the first and the rest of the second, as "#RRGGBB"."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)

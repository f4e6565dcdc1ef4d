"""A list of weights that can be edited: each one's value, and whether it is pruned or frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.design import NetworkDesign
from engine.edits.synapses import frozen, pruned
from gui import theme
from gui.document.document import Document
from gui.document.marking import Marking
from gui.document.selection import Picked
from gui.session.frame_clock import Frame
from gui.widgets import labels
from gui.widgets.naming import name_control
from gui.widgets.numbers import MINUS, full_text, number_text, parse_number

MOST = 200
SHOWN, ROW = 8, 28
WIDEST = f"{MINUS}1.234×10⁻⁵"
AROUND = 16  # pixels of a cell that its text has not
STYLE = """
QTableView::item { padding: 0 4px; }
QHeaderView::section { padding: 4px; }
"""
NAME, WEIGHT, PRUNED, FROZEN = range(4)
FIELDS = {PRUNED: "mask", FROZEN: "frozen"}
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class WeightRows:
    """What a list shows: the weights (n,), which are pruned and frozen (2, n), and what each is picked as.

    `tips` say more than the names, where these are short.
    """

    names: tuple[str, ...]
    weights: np.ndarray
    marks: np.ndarray
    picks: tuple[Picked, ...]
    tips: tuple[str, ...] = ()


def marks_at(design: NetworkDesign, layer: str, part: Any, count: int) -> np.ndarray:
    """Which of `count` weights, a part of a layer's matrix (an index into it), are pruned and frozen."""
    found = [marks_of(design, layer) for marks_of in (pruned, frozen)]
    none = np.zeros(count, bool)
    parts = [none if marks is None else marks[part] for marks in found]
    return np.stack([none if len(marks) != count else marks for marks in parts])


class WeightModel(QAbstractTableModel):
    """The weights, a row each; `heading` is that of the column of their names.

    Signals:
        typed(int, str): a text was typed for a row; marked(int, str, bool): a row's "mask" or "frozen".
    """

    typed = Signal(int, str)
    marked = Signal(int, str, bool)

    def __init__(self, heading: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.heading = heading
        self.names: tuple[str, ...] = ()
        self.tips: tuple[str, ...] = ()
        self.values = np.zeros(0)
        self.marks = np.zeros((2, 0), bool)

    def show(self, names: tuple[str, ...], values: np.ndarray, marks: np.ndarray) -> None:
        """Show these weights, and which are pruned and frozen: (2, n)."""
        if names != self.names:
            self.beginResetModel()
            self.names, self.values, self.marks = names, values, marks
            self.endResetModel()
            return
        if np.array_equal(values, self.values) and np.array_equal(marks, self.marks):
            return
        self.values, self.marks = values, marks
        self.dataChanged.emit(self.index(0, 0), self.index(len(names) - 1, FROZEN))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.DisplayRole:
            return (self.heading, "w", self.tr("pruned"), self.tr("frozen"))[section]
        sides = {NAME: Qt.AlignmentFlag.AlignLeft, WEIGHT: Qt.AlignmentFlag.AlignRight}  # as what is below
        if role == Role.TextAlignmentRole and section in sides:
            return sides[section] | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if column == NAME:
            texts = {Role.DisplayRole: self.names, Role.ToolTipRole: self.tips or self.names}.get(Role(role))
            return None if texts is None else texts[row]
        if column in FIELDS:
            if role == Role.CheckStateRole:
                on = self.marks[column - PRUNED, row]
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            return None
        value = self.values[row]
        numbers = {
            Role.DisplayRole: lambda: number_text(float(value), 4),
            Role.EditRole: lambda: number_text(float(value), 6),
            Role.ToolTipRole: lambda: full_text(value),
            Role.TextAlignmentRole: lambda: Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
        }
        made = numbers.get(Role(role))
        return None if made is None else made()

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        if index.column() == WEIGHT and role == Role.EditRole:
            self.typed.emit(index.row(), str(value))
            return True
        if index.column() in FIELDS and role == Role.CheckStateRole:
            on = Qt.CheckState(value) == Qt.CheckState.Checked
            self.marked.emit(index.row(), FIELDS[index.column()], on)
            return True
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() in FIELDS:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        editable = index.column() == WEIGHT and not self.marks[0, index.row()]
        return flags | Qt.ItemFlag.ItemIsEditable if editable else flags


class WeightList(QWidget):
    """The list, and a sentence where a number is refused."""

    def __init__(self, document: Document, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marking = Marking(document, self)
        self.document = document
        self.model = WeightModel(heading, self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Its weights"))
        self.view.setToolTip(self.tr("Double click or F2: type a weight"))
        self.view.setStyleSheet(STYLE)
        self.view.setShowGrid(False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.verticalHeader().hide()
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(1)
        header.setHighlightSections(False)
        name_control(
            header,
            self.tr("Columns of the weights"),
            self.tr("The other end of a synapse, its weight, whether it is pruned, whether it is frozen"),
        )
        self.view.setCornerButtonEnabled(False)
        self.refusal: QLabel = labels.fault()
        self.refusal.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        layout.addWidget(self.refusal)
        self._subject = Picked("")
        self._picks: tuple[Picked, ...] = ()
        self.model.typed.connect(self._on_typed)
        self.model.marked.connect(self._on_marked)

    def show_rows(self, frame: Frame, subject: Picked, count: int, rows: Callable[[], WeightRows]) -> bool:
        """Show the `count` weights of a subject; whether they are few enough. What is being typed stays."""
        if count > MOST or frame.network.design != self.document.project.design:
            return count <= MOST and subject == self._subject
        if subject != self._subject:
            self._say("")
        elif self.view.state() == QAbstractItemView.State.EditingState:
            return True
        shown = rows()
        self._subject, self._picks = subject, shown.picks
        self.model.tips = shown.tips
        self.model.show(shown.names, shown.weights, shown.marks)
        self._fit(count)
        return True

    def _fit(self, count: int) -> None:
        """As high as its rows, up to a few; then it scrolls. The numbers have their room, names the rest."""
        look, header = theme.current(), self.view.horizontalHeader()
        font = look.font(theme.SMALL)
        self.view.setFont(font)
        header.setFont(font)
        self.view.verticalHeader().setDefaultSectionSize(look.px(ROW))
        metrics = QFontMetrics(font)
        widest = max((number_text(float(value), 4) for value in self.model.values), key=len, default="")
        room = max(metrics.horizontalAdvance(text) for text in (WIDEST, widest)) + AROUND
        header.resizeSection(WEIGHT, room)
        for column in (PRUNED, FROZEN):
            header.resizeSection(column, header.sectionSizeHint(column))
        height = (
            header.sizeHint().height() + min(count, SHOWN) * self.view.verticalHeader().defaultSectionSize()
        )
        self.view.setFixedHeight(height + 2 * self.view.frameWidth())

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(240), super().sizeHint().height())

    def _on_typed(self, row: int, text: str) -> None:
        try:
            value = parse_number(text)
        except ValueError:
            self._say(self.tr("A weight must be a number, not “{text}”.").format(text=text[:24]))
            return
        if number_text(value, 6) != number_text(float(self.model.values[row]), 6):
            self._say(self.marking.set_weight(self._picks[row], value))
        else:
            self._say("")

    def _on_marked(self, row: int, field: str, on: bool) -> None:
        self._say("")
        self.marking.mark(field, on, self._picks[row])

    def _say(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

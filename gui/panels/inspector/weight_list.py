"""A neuron's weights as a list that can be edited: each one's value, and whether it is pruned or frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.edits.synapses import frozen, pruned
from gui import theme
from gui.document.document import Document
from gui.document.marking import Marking
from gui.document.selection import Picked
from gui.session.frame_clock import Frame
from gui.widgets import labels
from gui.widgets.naming import name_control
from gui.widgets.numbers import full_text, number_text, parse_number

if TYPE_CHECKING:
    from gui.panels.inspector.neuron import Incoming

MOST = 200
SHOWN, ROW = 8, 28
NAME, WEIGHT, PRUNED, FROZEN = range(4)
FIELDS = {PRUNED: "mask", FROZEN: "frozen"}
Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


class WeightModel(QAbstractTableModel):
    """The weights into one neuron, the bias first.

    Signals:
        typed(int, str): a text was typed for a row; marked(int, str, bool): a row's "mask" or "frozen".
    """

    typed = Signal(int, str)
    marked = Signal(int, str, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
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
            return (self.tr("from"), "w", self.tr("pruned"), self.tr("frozen"))[section]
        sides = {NAME: Qt.AlignmentFlag.AlignLeft, WEIGHT: Qt.AlignmentFlag.AlignRight}  # as what is below
        if role == Role.TextAlignmentRole and section in sides:
            return sides[section] | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if column == NAME:
            return self.names[row] if role == Role.DisplayRole else None
        if column in FIELDS:
            if role == Role.CheckStateRole:
                on = self.marks[column - PRUNED, row]
                return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
            return None
        value = self.values[row]
        texts = {
            Role.DisplayRole: lambda: number_text(float(value), 4),
            Role.EditRole: lambda: number_text(float(value), 6),
            Role.ToolTipRole: lambda: full_text(value),
            Role.TextAlignmentRole: lambda: Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
        }
        made = texts.get(Role(role))
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

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marking = Marking(document, self)
        self.document = document
        self.model = WeightModel(self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(self.tr("Its weights"))
        self.view.setToolTip(self.tr("Double click or F2: type a weight"))
        self.view.setShowGrid(False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.verticalHeader().hide()
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(WEIGHT, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        name_control(
            header,
            self.tr("Columns of the weights"),
            self.tr("Where a synapse comes from, its weight, whether it is pruned, whether it is frozen"),
        )
        self.view.setCornerButtonEnabled(False)
        self.refusal: QLabel = labels.fault()
        self.refusal.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        layout.addWidget(self.refusal)
        self._layer, self._unit, self._source, self._first = "", 0, "", 0
        self.model.typed.connect(self._on_typed)
        self.model.marked.connect(self._on_marked)

    def show_weights(self, frame: Frame, layer: str, unit: int, incoming: Incoming) -> bool:
        """Show the weights into a neuron; whether there are few enough. What is being typed stays."""
        design = self.document.project.design
        if len(incoming.weights) > MOST or frame.network.design != design:
            return len(incoming.weights) <= MOST and (layer, unit) == (self._layer, self._unit)
        if (layer, unit) != (self._layer, self._unit):
            self._say("")
        elif self.view.state() == QAbstractItemView.State.EditingState:
            return True
        self._layer, self._unit = layer, unit
        self._source, self._first = design.sources(layer)[0], -1 if incoming.has_bias else 0
        found = [marks_of(design, layer) for marks_of in (pruned, frozen)]
        none = np.zeros(len(incoming.weights), bool)
        marks = np.stack([none if m is None or len(m) <= unit else m[unit] for m in found])
        self.model.show(incoming.names, incoming.weights.copy(), marks)
        self._fit(len(incoming.weights))
        return True

    def _fit(self, count: int) -> None:
        """As high as its rows, up to a few; then it scrolls."""
        look, header = theme.current(), self.view.horizontalHeader()
        self.view.setFont(look.font(theme.SMALL))
        header.setFont(look.font(theme.SMALL))
        self.view.verticalHeader().setDefaultSectionSize(look.px(ROW))
        for column, width in ((NAME, 60), (PRUNED, 58), (FROZEN, 58)):
            header.resizeSection(column, look.px(width))
        height = (
            header.sizeHint().height() + min(count, SHOWN) * self.view.verticalHeader().defaultSectionSize()
        )
        self.view.setFixedHeight(height + 2 * self.view.frameWidth())

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(240), super().sizeHint().height())

    def _picked(self, row: int) -> Picked:
        return Picked(self._layer, self._unit, row + self._first, self._source)

    def _on_typed(self, row: int, text: str) -> None:
        try:
            value = parse_number(text)
        except ValueError:
            self._say(self.tr("A weight must be a number, not “{text}”.").format(text=text[:24]))
            return
        if number_text(value, 6) != number_text(float(self.model.values[row]), 6):
            self._say(self.marking.set_weight(self._picked(row), value))
        else:
            self._say("")

    def _on_marked(self, row: int, field: str, on: bool) -> None:
        self._say("")
        self.marking.mark(field, on, self._picked(row))

    def _say(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

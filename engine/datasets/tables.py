"""CSV files: rows of numbers with a target column of numbers or class names; every fault names its line."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import MOST_CLASSES, DataError, DataSet, Raw, Request, classes_said, dataset
from engine.fields import setting

Array = NDArray[Any]
UNIT_RANGE = (-1.0, 1.0)  # quantities of any unit become learnable; `Data` knows the way back
DELIMITERS = ",;\t"
FEW_CLASSES = 20  # a column of at most so many different whole numbers counts as classes


class Row(NamedTuple):
    """One line of a table: its number in the file, from 1, and its cells."""

    line: int
    cells: list[str]


class Table(NamedTuple):
    """A table of text cells, all rows equally long, with a name for every column."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    decimal: str


@dataset
@dataclass(frozen=True, kw_only=True)
class Csv(DataSet):
    """A table of numbers, one example per line; one column is the target: numbers or class names."""

    kind = "csv"
    label = "CSV file"
    summary = "A table: one example per line, one column to predict."
    from_file = True

    target: str = setting(
        "", label="Target column", help="What is to be predicted; empty means the last column."
    )
    header: str = setting(
        "auto",
        label="Header",
        choices=("auto", "yes", "no"),
        help="Whether the first line names the columns.",
    )
    task: str = setting(
        "auto",
        label="Task",
        choices=("auto", "classes", "regression"),
        help="Whether the target is a class or a quantity.",
    )

    def raw(self, request: Request) -> Raw:
        path = Path(request.path)
        table = read_table(path, self.header)
        request.progress(0.2)
        target = _target_column(table, self.target)
        inputs = _numbers(table, [i for i in range(len(table.columns)) if i != target])
        request.progress(0.4)
        cells = [row.cells[target] for row in table.rows]
        names = tuple(name for i, name in enumerate(table.columns) if i != target)
        if _is_classes(table, cells, self.task):
            return _classes(table, target, inputs, names, cells)
        return Raw(
            title=path.name,
            inputs=inputs,
            feature_names=names,
            values=_numbers(table, [target]),
            target_names=(table.columns[target],),
            default_values_range=UNIT_RANGE,
        )


def read_table(path: Path, header: str = "auto") -> Table:
    """The cells of a CSV file (comma, semicolon or tab; UTF-8), or DataError."""
    text = _text(path)
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        stripped = (Row(reader.line_num, [" ".join(cell.split()) for cell in cells]) for cells in reader)
        rows = [row for row in stripped if any(row.cells)]
    except csv.Error as error:
        raise DataError(
            f"{path.name}, line {reader.line_num}: not readable as CSV ({error}); mend it."
        ) from None
    if not rows:
        raise DataError(f"{path.name} is empty; choose a table with one example per line.")
    width = len(rows[0].cells)
    for row in rows:
        if len(row.cells) != width:
            raise DataError(
                f"{path.name}, line {row.line}: has {len(row.cells)} cells, but the first line has {width}; "
                "give every line as many."
            )
    if width < 2:
        raise DataError(f"{path.name} has one column only; it needs at least one feature and the target.")
    decimal = "," if delimiter == ";" else "."
    named = header == "yes" or (header == "auto" and _looks_like_header(rows, decimal))
    columns = rows.pop(0).cells if named else [f"column {i + 1}" for i in range(width)]
    if not rows:
        raise DataError(f"{path.name} has a header but no examples; add lines below it.")
    return Table(path.name, tuple(n or f"column {i + 1}" for i, n in enumerate(columns)), rows, decimal)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not a text in UTF-8; save the table as CSV in UTF-8.") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise DataError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _delimiter(text: str) -> str:
    """The delimiter that is most frequent in the first line that is not empty."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _looks_like_header(rows: list[Row], decimal: str) -> bool:
    """Whether some column has no number in the first row, but one in the second."""
    if len(rows) < 2:
        return False
    pairs = zip(rows[0].cells, rows[1].cells, strict=True)
    return any(_number(a, decimal) is None and _number(b, decimal) is not None for a, b in pairs)


def _number(cell: str, decimal: str) -> float | None:
    """The finite number in a cell, or None. In tables with semicolons the decimal sign may be a comma."""
    try:
        value = float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _target_column(table: Table, wanted: str) -> int:
    if not wanted:
        return len(table.columns) - 1
    if wanted not in table.columns:
        known = ", ".join(table.columns[:20])
        raise DataError(f"{table.name} has no column {wanted!r}; choose one of: {known}.")
    return table.columns.index(wanted)


def _numbers(table: Table, columns: list[int]) -> Array:
    """These columns as float64, (n, columns), or DataError naming the first cell that is not a number."""
    values = np.empty((len(table.rows), len(columns)))
    for i, row in enumerate(table.rows):
        for j, column in enumerate(columns):
            value = _number(row.cells[column], table.decimal)
            if value is None:
                raise DataError(_cell_fault(table, row, column))
            values[i, j] = value
    return values


def _cell_fault(table: Table, row: Row, column: int) -> str:
    cell = row.cells[column]
    found = f"{_short(cell)} is not a finite number" if cell else "the cell is empty"
    place = f"{table.name}, line {row.line}, column {_short(table.columns[column])}"
    return f"{place}: {found}; write a number there."


def _short(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:29] + "…")


def _is_classes(table: Table, cells: list[str], task: str) -> bool:
    """Whether the target is a class: as told, or if it holds words or few different whole numbers."""
    if task != "auto":
        return task == "classes"
    different = set(cells)
    numbers = [_number(cell, table.decimal) for cell in different]
    if not any(number is not None for number in numbers):
        return True
    if None in numbers:
        # mixed: mostly words are classes, else one bad cell among numbers, which _numbers will name
        return numbers.count(None) > len(numbers) / 2
    few = len(different) <= min(FEW_CLASSES, max(2, len(cells) // 2))
    return few and all(number is not None and number.is_integer() for number in numbers)


def _classes(table: Table, target: int, inputs: Array, names: tuple[str, ...], cells: list[str]) -> Raw:
    classes = sorted(set(cells), key=lambda cell: (_number(cell, table.decimal) or 0.0, cell))
    if "" in classes:
        row = next(row for row in table.rows if not row.cells[target])
        raise DataError(f"{table.name}, line {row.line}: the class is missing; write it there.")
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise DataError(
            f"{table.name}: the target column {_short(table.columns[target])} has "
            f"{classes_said(len(classes))}; it needs 2 to {MOST_CLASSES}, or choose regression."
        )
    number = {name: i for i, name in enumerate(classes)}
    return Raw(
        title=table.name,
        inputs=inputs,
        feature_names=names,
        labels=np.array([number[cell] for cell in cells]),
        class_names=tuple(classes),
        target_names=(table.columns[target],),
        binary=len(classes) == 2,
    )

"""The process that paints: it takes sheets, works out their mappings, and paints whenever it is asked.

It reads one order a line, as JSON, and answers each with a line; it ends when nobody can order any more.
    {"take": key, …form} → {"taken": path}, or {"missing": path}
    {"drop": key} → {"dropped": key}
    {"paint": [key, …]} → "painted"
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

from gui.canvas.aside.sheet import Form, Sheet
from gui.canvas.color import ColorTable, ScaleLimit
from gui.canvas.mapping import Mapping, paint, work_out

PAINTED = b'"painted"'
_NICE = 5  # the training goes first


@dataclass(frozen=True)
class Work:
    """One bundle to be painted again and again."""

    sheet: Sheet
    mapping: Mapping
    table: ColorTable
    scale: ScaleLimit

    def paint(self) -> None:
        """Paint the sheet's weights on its scale, or on the one they need."""
        sheet, self.scale.limit = self.sheet, float(self.sheet.limit[0])
        if paint(self.mapping, sheet.values, self.table, self.scale, sheet.pictures[sheet.side[0]]):
            sheet.limit[0] = self.scale.limit


class Shop:
    """Carries out orders."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}

    def answer(self, order: dict[str, Any]) -> bytes:
        """Carry out an order and say so."""
        if "paint" in order:
            for key in order["paint"]:
                if key in self._works:
                    self._works[key].paint()
            return PAINTED
        if "drop" in order:
            self._works.pop(order["drop"], None)
            return json.dumps({"dropped": order["drop"]}).encode()
        key = order.pop("take")
        try:
            sheet = Sheet(Form(**order))
        except FileNotFoundError:  # it is wanted no more, which the next order says
            return json.dumps({"missing": order["path"]}).encode()
        sheet.forget_file()
        form = sheet.form
        mapping = work_out(sheet.starts, sheet.ends, (form.width, form.height), form.ratio)
        if mapping.shape != sheet.pictures.shape[1:]:
            raise ValueError(f"the pictures are {sheet.pictures.shape[1:]}, their mapping {mapping.shape}")
        self._works[key] = Work(sheet, mapping, sheet.table, ScaleLimit())
        return json.dumps({"taken": form.path}).encode()


def main() -> int:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the window
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICE)
    shop = Shop()
    with contextlib.suppress(BrokenPipeError):  # the window is gone
        for line in sys.stdin.buffer:
            try:
                answer = shop.answer(json.loads(line))
            except (ValueError, OSError, MemoryError) as error:  # the window paints by itself from now on
                print(f"synapscope: bundles cannot be painted aside: {error}", file=sys.stderr)
                return 1
            sys.stdout.buffer.write(answer + b"\n")
            sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())

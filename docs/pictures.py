"""The pictures in this folder: opens the real window, trains for so many steps, and grabs it.

    xvfb-run -a -s "-screen 0 3840x2160x24" uv run --with pillow python docs/pictures.py [NAME …]

Without names it makes all of them, in one process for each scale of the screen. Every picture keeps its size
and, if it is large, is reduced to 256 colors, the commonest of them exactly.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from benchmarks.reducing import reduce  # noqa: E402
from main import SWITCH_INTERVAL_SECONDS, use_one_blas_thread  # noqa: E402

if TYPE_CHECKING:
    from engine.design import Project
    from gui.app import Laboratory

SMALL, LARGE = (1280, 800), (1920, 1080)
SECONDS = 6.0  # of training before each picture
PATIENCE_SECONDS = 400.0


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: what is opened, for how many steps it learns, how it is looked at.

    Attributes:
        example: the name of an example, or “lenet”: that architecture on the digits.
        near: the layer and neuron to look at from near, and its width in pixels; None: the whole network.
        selected: a neuron that is selected, (layer, unit).
    """

    name: str
    example: str
    steps: int
    theme: str = "light"
    size: tuple[int, int] = SMALL
    ratio: int = 1
    near: tuple[str, int, float] | None = None
    selected: tuple[str, int] | None = None


PICTURES = (
    Picture("window-light", "mnist-16-16", 2000),
    Picture("window-dark", "mnist-16-16", 2000, theme="dark"),
    Picture("large-light", "mnist-16-16", 2000, size=LARGE),
    Picture("large-dark", "circle", 2000, theme="dark", size=LARGE),
    Picture("sharp-light", "circle", 2000, ratio=2),
    Picture("circle-light", "circle", 2000),
    Picture("spirals-dark", "spirals", 4000, theme="dark"),
    Picture("lenet-light", "lenet", 200),
    Picture("by-hand-near-light", "by-hand", 20, near=("dense-1", 0, 120.0)),
    Picture("equation-dark", "by-hand", 20, theme="dark", near=("dense-2", 0, 560.0)),
)


def project_of(picture: Picture) -> Project:
    """The project, which stops by itself after its steps."""
    from engine.edits.architectures import lenet
    from engine.examples import example_project

    project = example_project("mnist-16-16" if picture.example == "lenet" else picture.example)
    if picture.example == "lenet":
        project = replace(project, design=lenet((784,), 10), title="LeNet-like")
    stop = replace(project.training.stop, max_steps=picture.steps)
    return replace(project, training=replace(project.training, stop=stop))


class Photographer:
    """Takes pictures of one laboratory after another."""

    def __init__(self, folder: Path) -> None:
        from gui.app import application

        self.app = application()
        self.folder = folder

    def take(self, picture: Picture) -> Path:
        """Make one picture; returns where it is."""
        from gui import theme
        from gui.app import Laboratory

        theme.manager().choose(picture.theme)
        lab = Laboratory()
        theme.manager().choose(picture.theme)  # after the settings have been read
        lab.window.resize(*picture.size)
        lab.window.show()
        lab.storage.begin(project_of(picture))
        self._learn(lab, picture)
        self._look(lab, picture)
        path = self.folder / f"{picture.name}.png"
        lab.window.grab().toImage().save(str(path))
        lab.end()
        lab.window.deleteLater()
        return path

    def _learn(self, lab: Laboratory, picture: Picture) -> None:
        canvas, stopped = lab.window.canvas, []
        self._await(lambda: canvas.frame is not None)
        canvas.set_waves(False)
        lab.controller.stopped.connect(lambda *_: stopped.append(True))
        lab.controller.set_pace(picture.steps / SECONDS)  # the charts get points all along the way
        lab.controller.play()
        self._await(lambda: bool(stopped))
        self._await(lambda: canvas.frame is not None and canvas.frame.snapshot.step == picture.steps)
        self._rest(1.0)  # the charts and the counters follow
        lab.window.banner.dismiss()

    def _look(self, lab: Laboratory, picture: Picture) -> None:
        from PySide6.QtCore import QPointF, QRectF, QSizeF

        from gui.document.selection import Picked

        canvas = lab.window.canvas
        canvas.set_reduce_motion(True)
        canvas.waves.stop()
        self._await(lambda: not lab.window.banner.isVisible())
        canvas.fit()
        self._rest(0.3)
        if picture.near is not None:
            layer, unit, across = picture.near
            box = canvas.canvas.layers[layer].box
            place = QPointF(*box.centers[box.units.tolist().index(unit)])
            canvas.camera.show(QRectF(place, QSizeF(1, 1)))
            canvas.camera.zoom_by(across / (2 * box.radius * canvas.zoom))
        if picture.selected is not None:
            lab.document.selection.select(Picked(*picture.selected))
        self._rest(0.3)
        self._await(lambda: canvas.is_settled)
        self._rest(0.5)

    def _rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        self._await(lambda: time.perf_counter() >= end)

    def _await(self, condition: Callable[[], bool]) -> None:
        end = time.perf_counter() + PATIENCE_SECONDS
        while not condition():
            self.app.processEvents()
            time.sleep(0.005)
            if time.perf_counter() > end:
                raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s")


def main(argv: list[str]) -> int:
    """Take the pictures named, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(p.name for p in PICTURES))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--ratio", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(argv)
    wanted = [p for p in PICTURES if not chosen.names or p.name in chosen.names]
    if chosen.ratio is None:
        for ratio in sorted({p.ratio for p in wanted}):
            _in_a_process(ratio, [p.name for p in wanted if p.ratio == ratio], chosen.folder)
        return 0
    use_one_blas_thread()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    photographer = Photographer(chosen.folder)
    for picture in wanted:
        path = photographer.take(picture)
        reduce(path)
        print(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB", flush=True)
    return 0


def _in_a_process(ratio: int, names: list[str], folder: Path) -> None:
    """Qt reads the scale of the screen when it starts; the home folder is an empty one."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        scale = {} if ratio == 1 else {"QT_SCALE_FACTOR": str(ratio)}
        environment = os.environ | {"SYNAPSCOPE_HOME": home} | scale
        command = [sys.executable, __file__, "--ratio", str(ratio), "--folder", str(folder), *names]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

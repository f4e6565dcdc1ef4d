"""A dragged layer's shifted plan is the plan that would be made of it there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.examples import example_project
from gui.canvas.plan import plan
from gui.canvas.shifting import shifted

ROOM = 900.0, 640.0


@pytest.mark.parametrize("name", ["circle", "mnist-16-16"])
def test_a_shifted_plan_is_the_plan_of_what_was_moved(name):
    project = example_project(name)
    still = plan(project, None, *ROOM)
    boxes = still.layout.boxes
    places = {key: (boxes[key].anchor[0] + 31.0, boxes[key].anchor[1] - 17.0) for key in ("dense-1", "input")}
    found = shifted(still, places)
    wanted = plan(replace(project, positions=tuple((k, *at) for k, at in places.items())), None, *ROOM)
    for key, box in wanted.layout.boxes.items():
        assert found.layout.boxes[key].anchor == pytest.approx(box.anchor)
        assert np.allclose(found.layout.boxes[key].centers, box.centers)
    for one, other in zip(found.layout.bundles, wanted.layout.bundles, strict=True):
        assert np.allclose(one.starts, other.starts)
        assert np.allclose(one.ends, other.ends)


def test_what_stands_still_is_not_made_anew():
    still = plan(example_project("circle"), None, *ROOM)
    found = shifted(still, {"dense-1": (300.0, 100.0)})
    assert found.layout.boxes["input"] is still.layout.boxes["input"]
    assert found.layout.boxes["dense-1"] is not still.layout.boxes["dense-1"]
    for bundle, before in zip(found.layout.bundles, still.layout.bundles, strict=True):
        assert (bundle is before) == ("dense-1" not in (bundle.source, bundle.target))

"""Coverage maps against a slow, independent count of which synapse crosses which pixel."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from gui.canvas.color import DARK, LIGHT, ZERO, diverging_table, gradient_table, unpack
from gui.canvas.coverage import CROWDED, BuildCancelledError, CoverageMap


def crossings(starts, ends, width, height):
    """Walk every line in plain Python: {(row, column): {synapse: (share, is it the nearest?)}}."""
    seen = defaultdict(dict)
    for synapse, ((x0, y0), (x1, y1)) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        steep = abs(y1 - y0) > abs(x1 - x0)
        if steep:
            x0, y0, x1, y1 = y0, x0, y1, x1
        if x0 > x1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        for k in range(math.floor(x0) - 1, math.ceil(x1) + 2):
            if not x0 <= k + 0.5 <= x1:
                continue
            y = y0 + (y1 - y0) * (k + 0.5 - x0) / (x1 - x0)
            low = math.floor(y - 0.5)
            for place in (low, low + 1):
                row, column = (k, place) if steep else (place, k)
                if 0 <= row < height and 0 <= column < width:
                    share = 1 - abs(y - (place + 0.5))
                    seen[row, column][synapse] = (share, share > 0.5)
    return seen


def expected(starts, ends, values, width, height, wide):
    """Return {pixel: (mean, alpha)} by the definition in the module's docstring."""
    result = {}
    for pixel, synapses in crossings(starts, ends, width, height).items():
        nearest = [values[s] for s, (_, near) in synapses.items() if near]
        crowd = [values[s] for s in synapses] if wide else nearest
        if len(synapses) >= CROWDED and crowd:
            result[pixel] = (sum(crowd) / len(crowd), 1.0)
            continue
        shares = {s: share for s, (share, _) in synapses.items() if share >= 1 / 64}
        total = sum(shares.values())
        if shares:
            result[pixel] = (sum(values[s] * share for s, share in shares.items()) / total, min(total, 1.0))
    return result


def fan(sources, targets, width, height):
    """Return the lines from sources on the left edge to targets on the right, by target, then source."""
    top = height * 0.1 + height * 0.8 * (np.arange(sources) + 0.53) / sources
    goal = height * (np.arange(targets) + 0.47) / targets
    starts = np.stack([np.full(sources * targets, 2.3), np.tile(top, targets)], axis=1)
    ends = np.stack([np.full(sources * targets, width - 2.4), np.repeat(goal, sources)], axis=1)
    return starts, ends


def scattered(count, width, height, seed):
    """Return lines between random points, some of them outside the viewport."""
    rng = np.random.default_rng(seed)
    span = np.array([width, height])
    return (rng.uniform(-0.2, 1.2, (count, 2)) * span, rng.uniform(-0.2, 1.2, (count, 2)) * span)


BUNDLES = {
    "sparse": (scattered(25, 61, 47, 0), 61, 47),
    "crowded at random": (scattered(400, 61, 47, 1), 61, 47),
    "dense fan": (fan(200, 3, 90, 60), 90, 60),
    "tall fan, mostly steep": (fan(300, 4, 30, 130), 30, 130),
    "one neuron": (fan(40, 1, 80, 50), 80, 50),
}


@pytest.mark.parametrize("name", BUNDLES)
def test_every_pixel_is_the_mean_of_the_synapses_that_cross_it(name):
    (starts, ends), width, height = BUNDLES[name]
    values = np.random.default_rng(5).normal(size=len(starts)).astype(np.float32)
    built = CoverageMap.build(starts, ends, width, height)
    assert built.wide == ("fan" in name or "neuron" in name)
    truth = expected(starts, ends, values, width, height, built.wide)
    mean = built.mean(values)
    drawn = {divmod(int(p), width): (m, a) for p, m, a in zip(built.pixels, mean, built.alpha, strict=True)}
    assert drawn.keys() == truth.keys()
    for pixel, (value, alpha) in truth.items():
        assert drawn[pixel][0] == pytest.approx(value, abs=2e-5)
        assert drawn[pixel][1] == pytest.approx(alpha, abs=1e-5)


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_painted_pixels_are_the_color_table_of_the_mean(name, theme):
    (starts, ends), width, height = BUNDLES[name]
    values = np.random.default_rng(6).normal(size=len(starts)).astype(np.float32)
    built = CoverageMap.build(starts, ends, width, height)
    table = diverging_table(theme, 0.6)
    image = np.full(built.shape, 0xDEADBEEF, np.uint32)
    mean = built.paint(values, table, 0.7, image).copy()
    full = built.alpha >= 1
    assert full.any()
    # float32 may round to the other side of a boundary between two entries
    near_edge = np.abs((mean * ZERO / 0.7) % 1 - 0.5) < 1e-3
    sure = full & ~near_edge
    np.testing.assert_array_equal(image.ravel()[built.pixels[sure]], table.look_up(mean[sure], 0.7))
    rim = unpack(image.ravel()[built.pixels[~full]]).astype(float)
    whole = unpack(table.look_up(mean[~full], 0.7)) * built.alpha[~full, None]
    assert not rim.size or np.abs(rim - whole).max() <= 255 / 128 + 2
    bare = np.ones(image.size, bool)
    bare[built.pixels] = False
    assert (image.ravel()[bare] == 0).all()


@pytest.mark.parametrize("angle", range(0, 360, 15))
@pytest.mark.parametrize("antialias", [True, False])
def test_a_line_has_no_holes_at_any_angle(angle, antialias):
    middle, reach = np.array([40.2, 39.7]), 30.0
    step = reach * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    built = CoverageMap.build([middle - step], [middle + step], 80, 80, antialias=antialias)
    rows, columns = np.divmod(built.pixels, 80)
    if abs(step[1]) > abs(step[0]):
        rows, columns = columns, rows
    assert np.unique(columns).size == columns.max() - columns.min() + 1
    assert columns.max() - columns.min() + 1 >= 2 * np.abs(step).max() - 2
    np.testing.assert_allclose(built.mean(np.array([3.0], np.float32)), 3.0, rtol=1e-6)


def test_one_synapse_covers_each_column_once():
    built = CoverageMap.build([[3.5, 10.0]], [[56.5, 24.3]], 60, 40)
    picture = np.zeros(60 * 40)
    picture[built.pixels] = built.alpha
    columns = picture.reshape(40, 60).sum(axis=0)
    np.testing.assert_allclose(columns[4:56], 1.0, atol=2 / 64)


def test_a_constant_bundle_is_one_flat_color():
    starts, ends = fan(300, 5, 120, 90)
    built = CoverageMap.build(starts, ends, 120, 90)
    np.testing.assert_allclose(built.mean(np.full(1500, 0.3, np.float32)), 0.3, rtol=1e-5)


def test_the_mean_is_linear_and_fits_a_given_buffer():
    starts, ends = fan(100, 3, 90, 60)
    built = CoverageMap.build(starts, ends, 90, 60)
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 300))
    out = np.empty(built.pixels.size, np.float32)
    first = built.mean(a).copy()
    second = built.mean(b).copy()
    assert built.mean(2 * a - b, out=out) is out
    np.testing.assert_allclose(out, 2 * first - second, atol=1e-5)


@pytest.mark.parametrize("name", ["sparse", "crowded at random", "dense fan"])
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_broken_weight_shows_where_it_passes_and_nowhere_else(name, broken):
    (starts, ends), width, height = BUNDLES[name]
    values = np.random.default_rng(2).normal(size=len(starts)).astype(np.float32)
    built = CoverageMap.build(starts, ends, width, height)
    before = built.mean(values).copy()
    values[7] = broken
    image = np.zeros(built.shape, np.uint32)
    table = diverging_table(LIGHT)
    after = built.paint(values, table, 1.0, image).copy()
    alone = built.mean(np.eye(len(starts), dtype=np.float32)[7]) > 1e-6
    assert alone.any()
    np.testing.assert_array_equal(np.isnan(after), alone)
    np.testing.assert_allclose(after[~alone], before[~alone], atol=1e-5)
    assert (image.ravel()[built.pixels[alone]] == table.broken).all()


def test_overflowing_weights_saturate():
    starts, ends = fan(100, 3, 90, 60)
    built = CoverageMap.build(starts, ends, 90, 60)
    image = np.zeros(built.shape, np.uint32)
    table = diverging_table(LIGHT)
    built.paint(np.full(300, 3e38, np.float32), table, 1e-20, image)
    full = built.alpha >= 1
    assert (image.ravel()[built.pixels[full]] == table.colors[-1]).all()


def test_a_subset_is_its_own_small_map():
    starts, ends = fan(80, 6, 90, 60)
    built = CoverageMap.build(starts, ends, 90, 60)
    ids = np.arange(160, 240)
    fan_alone = built.subset(ids)
    truth = CoverageMap.build(starts[ids], ends[ids], 90, 60)
    values = np.random.default_rng(3).normal(size=480).astype(np.float32)
    np.testing.assert_array_equal(fan_alone.pixels, truth.pixels)
    np.testing.assert_array_equal(fan_alone.mean(values[ids]), truth.mean(values[ids]))


def test_too_large_a_bundle_gets_a_coarser_picture():
    starts, ends = fan(200, 3, 90, 61)
    fine = CoverageMap.build(starts, ends, 90, 61)
    assert (fine.resolution, fine.shape) == (1, (61, 90))
    coarse = CoverageMap.build(starts, ends, 90, 61, most_entries=fine.entries // 2)
    assert (coarse.resolution, coarse.shape) == (2, (31, 45))
    assert coarse.entries < 0.6 * fine.entries
    values = np.random.default_rng(8).normal(size=600).astype(np.float32)
    truth = expected(starts / 2, ends / 2, values, 45, 31, coarse.wide)
    drawn = {divmod(int(p), 45): float(m) for p, m in zip(coarse.pixels, coarse.mean(values), strict=True)}
    assert drawn == pytest.approx({pixel: mean for pixel, (mean, _) in truth.items()}, abs=2e-5)
    assert coarse.subset([0]).resolution == 1


def test_what_lies_outside_the_viewport_is_not_drawn():
    built = CoverageMap.build(
        [[-50, -50], [10, -90], [-1e9, 5.5]], [[-10, 300], [90, -2], [1e9, 5.5]], 40, 30
    )
    assert set(built.pixels // 40) == {5}
    assert built.pixels.size == 40
    empty = CoverageMap.build(np.zeros((0, 2)), np.zeros((0, 2)), 10, 10)
    image = np.ones((10, 10), np.uint32)
    empty.paint(np.zeros(0, np.float32), diverging_table(LIGHT), 1.0, image, background=7)
    assert (image == 7).all()


def test_lines_without_length_and_without_numbers_do_no_harm():
    built = CoverageMap.build([[5.2, 5.3], [np.nan, 1], [2, 2]], [[5.2, 5.3], [3, 3], [np.inf, 9]], 12, 12)
    assert 5 * 12 + 5 in built.pixels
    assert set(built.pixels // 12) <= {4, 5}


def test_byte_images_and_uint32_images_are_the_same():
    starts, ends = fan(50, 3, 70, 50)
    built = CoverageMap.build(starts, ends, 70, 50)
    values = np.random.default_rng(4).normal(size=150).astype(np.float32)
    packed, flat = np.zeros((50, 70), np.uint32), np.zeros((50, 70, 4), np.uint8)
    table = gradient_table(DARK)
    built.paint(values, table, 1.0, packed)
    built.paint(values, table, 1.0, flat)
    np.testing.assert_array_equal(packed, flat.view(np.uint32)[..., 0])


def test_a_build_can_be_cancelled():
    starts, ends = fan(200, 3, 90, 60)
    asked = []

    def after_the_first():
        asked.append(True)
        return len(asked) > 1

    with pytest.raises(BuildCancelledError):
        CoverageMap.build(starts, ends, 90, 60, cancelled=after_the_first)
    assert len(asked) == 2


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"both \(n, 2\)"):
        CoverageMap.build(np.zeros((3, 2)), np.zeros((2, 2)), 10, 10)
    with pytest.raises(ValueError, match="at least one pixel"):
        CoverageMap.build(np.zeros((3, 2)), np.zeros((3, 2)), 0, 10)
    built = CoverageMap.build([[1, 1]], [[8, 8]], 10, 10)
    with pytest.raises(ValueError, match="1 synapses"):
        built.mean(np.zeros(2, np.float32))
    value, table = np.zeros(1, np.float32), diverging_table(LIGHT)
    with pytest.raises(ValueError, match="positive"):
        built.paint(value, table, 0.0, np.zeros((10, 10), np.uint32))
    with pytest.raises(ValueError, match="must be"):
        built.paint(value, table, 1.0, np.zeros((10, 11), np.uint32))
    with pytest.raises(ValueError, match="contiguous"):
        built.paint(value, table, 1.0, np.zeros((20, 20), np.uint32)[::2, ::2])


@pytest.mark.parametrize("outlier", [1.0, 1e3, 1e7])
def test_one_huge_weight_leaves_the_means_of_the_others_exact(outlier):
    rng = np.random.default_rng(5)
    starts = np.stack([np.zeros(2000), np.repeat(np.linspace(1, 59, 1000), 2)], axis=1)
    ends = np.stack([np.full(2000, 80.0), np.tile([20.0, 40.0], 1000)], axis=1)
    order = np.lexsort((starts[:, 1], ends[:, 1]))
    found = CoverageMap.build(starts[order], ends[order], 80, 60)
    assert found.wide  # runs are summed
    values = rng.normal(0.0, 0.1, 2000)
    alone, others = np.zeros(2000), values.copy()
    alone[700], others[700] = outlier, 0.0
    values[700] = outlier
    untouched = found.mean(alone).copy() == 0
    assert 0 < untouched.sum() < untouched.size
    expected = found.mean(others).copy()
    np.testing.assert_allclose(found.mean(values)[untouched], expected[untouched], atol=1e-3 * 0.1)

"""Color tables, premultiplication and the scale that follows its data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.canvas.color import (
    DARK,
    FADE_LEVELS,
    LIGHT,
    TABLE_SIZE,
    ZERO,
    ScaleLimit,
    diverging_table,
    gradient_table,
    high_percentile,
    mix,
    oklab_to_srgb,
    premultiply,
    rgb,
    sign_glyph,
    srgb_to_oklab,
    table_index,
    unpack,
)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_scale_meets_the_named_colors_exactly(theme):
    table = diverging_table(theme)
    assert table.colors.shape == (TABLE_SIZE,)
    assert table.hex(-1, 1) == theme.negative
    assert table.hex(0, 1) == theme.zero
    assert table.hex(1, 1) == theme.positive
    assert table.hex(99, 1) == theme.positive
    green = gradient_table(theme)
    assert green.hex(1, 1) == green.hex(-1, 1) == theme.gradient
    assert green.colors[ZERO] == 0


def test_packed_colors_have_the_byte_order_of_argb32():
    packed = premultiply(rgb("#FF8000")[None], np.array([0.5]))
    assert f"{packed[0]:08X}" == "80804000"
    np.testing.assert_array_equal(unpack(packed), [[0x80, 0x80, 0x40, 0x00]])


@pytest.mark.parametrize("floor", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_no_premultiplied_part_exceeds_its_alpha(theme, floor):
    for table in (diverging_table(theme, floor), gradient_table(theme, floor)):
        parts = unpack(table.rim)
        assert (parts[:, 1:] <= parts[:, :1]).all()
        np.testing.assert_array_equal(table.rim[-TABLE_SIZE:], table.colors)
        assert table.rim.size == FADE_LEVELS * TABLE_SIZE
        strength = np.abs(np.arange(TABLE_SIZE) - ZERO)
        assert (np.diff(table.alpha[np.argsort(strength, kind="stable")]) >= -1e-12).all()


def test_a_translucent_scale_made_opaque_looks_the_same_over_its_background():
    table = diverging_table(LIGHT, 0.4)
    opaque = unpack(table.over(LIGHT.canvas).colors).astype(float)
    parts = unpack(table.colors).astype(float)
    composed = parts[:, 1:] + rgb(LIGHT.canvas) * 255 * (1 - parts[:, :1] / 255)
    assert (opaque[:, 0] == 255).all()
    assert np.abs(opaque[:, 1:] - composed).max() <= 1.5


def test_oklab_agrees_with_its_author_and_with_itself():
    # Ottosson's table: pure red, and white.
    np.testing.assert_allclose(srgb_to_oklab([1.0, 0, 0]), [0.62796, 0.22486, 0.12585], atol=1e-4)
    np.testing.assert_allclose(srgb_to_oklab([1.0, 1, 1]), [1, 0, 0], atol=1e-4)
    colors = np.random.default_rng(0).uniform(size=(200, 3))
    np.testing.assert_allclose(oklab_to_srgb(srgb_to_oklab(colors)), colors, atol=1e-6)


def test_steps_of_the_scale_look_even():
    table = diverging_table(LIGHT)
    steps = np.linalg.norm(np.diff(srgb_to_oklab(table.rgb), axis=0), axis=1)
    for half in (steps[:ZERO], steps[ZERO:]):
        assert half.max() / half.min() < 1.05
    np.testing.assert_allclose(
        mix(rgb("#102030"), rgb("#C0B0A0"), [0, 1]) * 255, [[16, 32, 48], [192, 176, 160]]
    )


def test_indices_are_symmetric_saturate_and_keep_zero():
    np.testing.assert_array_equal(
        table_index([-9, -2, -1, 0, 1, 2, 9, np.inf, -np.inf, np.nan], 2.0),
        [0, 0, 64, 128, 192, 256, 256, 256, 0, 128],
    )
    values = np.random.default_rng(0).normal(size=500)
    np.testing.assert_array_equal(table_index(values, 1.3) + table_index(-values, 1.3), 256)
    with pytest.raises(ValueError, match="positive"):
        table_index([1.0], 0.0)


def test_what_is_not_a_number_has_a_color_of_its_own():
    table = diverging_table(DARK)
    colors = table.look_up([0.0, np.nan, np.inf], 1.0)
    assert colors[1] == colors[2] == table.broken
    assert table.broken not in table.colors
    assert table.hex(np.nan, 1.0) == "#C2185B"


def test_sign_reads_without_color():
    assert [sign_glyph(v) for v in (-2, 0, 3)] == ["▼", "·", "▲"]
    assert [sign_glyph(v, "signs") for v in (-2, 0, 3)] == ["−", "0", "+"]
    assert sign_glyph(np.nan) == "?"


def test_a_misspelt_color_is_refused():
    with pytest.raises(ValueError, match="#RRGGBB"):
        rgb("#FFF")


@given(st.floats(1e-12, 1e12), st.floats(1e-12, 1e12))
def test_a_moved_limit_holds_the_data_with_little_to_spare(first, second):
    scale = ScaleLimit()
    for level in (first, second):
        before = scale.limit
        moved = scale.update(np.full(10, -level))
        assert moved == (scale.limit != before)
        assert 0.5 * scale.limit <= level * (1 + 1e-6)
        assert level <= scale.limit * (1 + 1e-6)
        if moved:
            assert level >= scale.limit / 2**0.5 * (1 - 1e-6)
            exponent = 2 * np.log2(scale.limit)
            assert exponent == pytest.approx(round(exponent), abs=1e-6)


def test_the_limit_stays_while_data_stay_within_half_of_it():
    scale = ScaleLimit()
    assert scale.update(np.full(100, 3.9))
    assert scale.limit == pytest.approx(4.0)
    for level in (3.99, 2.01, 3.0, 2.5):
        assert not scale.update(np.full(100, level))
    assert scale.update(np.full(100, 1.9))
    assert scale.limit == pytest.approx(2.0)
    assert scale.update(np.full(100, 2.1))
    assert scale.limit == pytest.approx(2 * 2**0.5)


def test_the_limit_is_the_98th_percentile_and_may_have_a_floor():
    values = np.concatenate([np.full(98, 1.0), [50.0, 80.0]])
    scale = ScaleLimit(0.01)
    scale.update(np.tile(values, 1))
    assert scale.limit == pytest.approx(2.0 ** (np.ceil(2 * np.log2(np.percentile(values, 98))) / 2))
    calm = ScaleLimit()
    calm.update(np.full(10, 0.1), at_least=0.9)
    assert calm.limit == 1.0
    assert high_percentile(np.full(100_000, -2.0)) == 2.0


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [np.nan, np.inf]])
def test_nothing_to_measure_changes_nothing(values):
    scale = ScaleLimit(0.5)
    assert not scale.update(values)
    assert scale.limit == 0.5

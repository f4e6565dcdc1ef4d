"""Waves: where they are, and that they only ever dim the picture of what flows."""

from __future__ import annotations

import numpy as np
import pytest

from gui.canvas.color import DARK, diverging_table, unpack
from gui.canvas.pulse import (
    BACKWARD,
    BAND,
    FORWARD,
    PERIOD,
    TRAIN,
    VALLEY,
    Pulse,
    band,
    chevrons,
    column_positions,
    front,
    passed,
    train,
)

X = column_positions(400, 100.0, 1.0)


@pytest.fixture
def pulse():
    made = Pulse((60, 400))
    colors = diverging_table(DARK, 0.5).colors
    made.picture[:] = np.random.default_rng(0).choice(colors, (60, 400))
    return made


def test_columns_know_their_place_in_the_scene():
    np.testing.assert_allclose(column_positions(4, 10.0, 2.0), [10.25, 10.75, 11.25, 11.75])


@pytest.mark.parametrize(("envelope", "width"), [(band, BAND), (train, TRAIN)])
@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_a_sweep_begins_and_ends_outside_and_covers_everything(envelope, width, direction):
    seen = np.zeros(X.size)
    middles = []
    for phase in np.linspace(0, 1, 101):
        middle = front(phase, 100, 500, direction, width)
        now = envelope(X, middle, width)
        assert now.min() >= 0
        assert now.max() <= 1
        if phase in (0, 1):
            assert now.max() < 1e-3
        seen = np.maximum(seen, now)
        middles.append(middle)
    assert seen.min() > 0.95
    assert (np.diff(middles) * direction > 0).all()


def test_the_band_is_symmetric_and_the_train_leads_on_the_left():
    middle = 300.0
    np.testing.assert_allclose(band(X, middle), band(2 * middle - X, middle), atol=1e-12)
    assert band([300.0], 300.0) == 1
    shape = train(X, middle)
    assert X[np.argmax(shape)] < middle
    assert (shape[np.abs(X - middle) > TRAIN / 2] == 0).all()


@pytest.mark.parametrize("direction", [FORWARD, BACKWARD])
def test_what_lies_behind_the_wave_has_been_passed(direction):
    behind = passed(X, 300.0, direction)
    assert (np.diff(behind) * direction <= 0).all()
    assert behind[0 if direction == FORWARD else -1] == 1
    assert behind[-1 if direction == FORWARD else 0] == 0
    assert passed([300.0], 300.0, direction) == 0.5


def test_a_full_envelope_shows_the_picture_itself(pulse):
    assert pulse.show(np.ones(400)) == (0, 400)
    np.testing.assert_array_equal(pulse.shown, pulse.picture)
    pulse.clear()
    assert not pulse.shown.any()


def test_each_part_of_each_pixel_is_the_picture_times_the_envelope(pulse):
    envelope = band(X, 290.0)
    pulse.show(envelope)
    parts, whole = unpack(pulse.shown).astype(float), unpack(pulse.picture).astype(float)
    assert np.abs(parts - whole * envelope[None, :, None]).max() <= 1.01
    assert (parts[..., 1:] <= parts[..., :1]).all()


def test_nothing_of_an_earlier_frame_remains(pulse):
    pulse.show(band(X, 150.0))
    begin, end = pulse.show(band(X, 450.0))
    assert begin < 60
    assert end > 390
    fresh = Pulse((60, 400))
    fresh.picture[:] = pulse.picture
    fresh.show(band(X, 450.0))
    np.testing.assert_array_equal(pulse.shown, fresh.shown)
    pulse.show(np.zeros(400))
    assert not pulse.shown.any()
    assert pulse.show(np.zeros(400)) == (0, 0)


@pytest.mark.parametrize("shift", [0, 1, 7, -3, 250])
def test_chevrons_are_the_same_picture_dimmed_and_travel_by_whole_pixels(pulse, shift):
    pulse.show(np.ones(400), chevron_shift=shift)
    pattern = chevrons(60, 400 + 40 * PERIOD)[:, 20 * PERIOD - shift :][:, :400] / 256
    parts, whole = unpack(pulse.shown).astype(float), unpack(pulse.picture).astype(float)
    assert np.abs(parts - whole * pattern[..., None]).max() <= 1.01
    assert (parts[..., 1:] <= parts[..., :1]).all()


def test_chevrons_point_to_the_left():
    pattern = chevrons(24, 3 * PERIOD).astype(float)
    np.testing.assert_array_equal(pattern, pattern[::-1])
    np.testing.assert_array_equal(pattern[:, :PERIOD], pattern[:, PERIOD : 2 * PERIOD])
    assert pattern.min() == round(VALLEY * 256)
    assert pattern.max() == 256
    # the further from the middle row, the further right the ridge
    turns = np.exp(2j * np.pi * np.arange(PERIOD) / PERIOD)
    ridge = np.angle([pattern[r, :PERIOD] @ turns for r in (12, 15, 18)])
    steps = np.diff(np.unwrap(ridge)) * PERIOD / (2 * np.pi)
    assert (steps > 1).all()
    assert (steps < 3).all()


def test_an_envelope_of_another_width_is_refused(pulse):
    with pytest.raises(ValueError, match="400 columns"):
        pulse.show(np.ones(399))

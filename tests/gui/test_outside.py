"""The session of `benchmarks.outside`: a network is built, trained, edited and undone by xdotool."""

from __future__ import annotations

import pytest

from benchmarks.outside.display import Display, missing_programs
from benchmarks.outside.session import TRAINED, Session

PATIENT = 300  # seconds; with twelve other processes on two cores it took 88


@pytest.mark.slow
@pytest.mark.timeout(PATIENT)
@pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}")
def test_a_session_by_mouse_and_keyboard_from_outside() -> None:
    with Display() as display:
        report = Session(display).run()
        assert "Traceback" not in display.said()
    assert report.accuracy > TRAINED
    assert report.after_insertion > TRAINED

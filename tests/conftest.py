"""What every test stands on: no display needed, one BLAS thread, and never the real home folder."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

# All of this is settled at import, before any test module loads NumPy or Qt.
if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")

_session_folder = tempfile.TemporaryDirectory(prefix="synapscope-tests-", ignore_cleanup_errors=True)


def _home_environment(home: Path) -> dict[str, str]:
    """Every variable by which we, platformdirs, pooch and Qt find personal folders, set to be in `home`."""
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "APPDATA": str(home / "config"),
        "LOCALAPPDATA": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "SYNAPSCOPE_HOME": str(home / "synapscope"),
    }


os.environ.update(_home_environment(Path(_session_folder.name)))
if "XDG_RUNTIME_DIR" not in os.environ:
    _runtime = Path(_session_folder.name, "runtime")
    _runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(_runtime)

import hypothesis  # noqa: E402
import pytest  # noqa: E402

hypothesis.settings.register_profile("synapscope", deadline=None, print_blob=True)
hypothesis.settings.load_profile("synapscope")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole suite is shared among the processors; a few tests start sooner in one process."""
    whole = config.args == list(config.getini("testpaths"))
    return min(os.cpu_count() or 1, 4) if whole else 0


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty home folder: settings, recent files and autosaves never leak between tests."""
    folder = tmp_path_factory.mktemp("home")
    for name, value in _home_environment(folder).items():
        if name != "XDG_CACHE_HOME":  # shared, or every window would scan the system's fonts again
            monkeypatch.setenv(name, value)
    return folder

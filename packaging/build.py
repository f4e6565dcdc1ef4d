"""Build the program for the platform this runs on: one folder and one compressed archive of it, in `dist/`.

Run it from anywhere with `uv run --extra package python packaging/build.py`; the folder it makes starts on a
machine without Python. What goes in is in `synapscope.spec`; `check_root.py` proves that nothing is missing.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "packaging" / "synapscope.spec"
DIST = ROOT / "dist"
WORK = ROOT / "build" / "pyinstaller"


def main() -> int:
    """Build, compress, and print what came out."""
    folder = build_folder(DIST / build_name())
    archive = Path(shutil.make_archive(str(folder), archive_format(), root_dir=DIST, base_dir=folder.name))
    print(f"{folder.relative_to(ROOT)}: {megabytes(folder_size(folder))}")
    print(f"{archive.relative_to(ROOT)}: {megabytes(archive.stat().st_size)}")
    return 0


def build_name() -> str:
    """`synapscope-<version>-<platform>`, e.g. `synapscope-0.1.0-linux-x86_64`."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    return f"synapscope-{version}-{system}-{platform.machine().lower()}"


def archive_format() -> str:
    """The format that the platform opens without further tools, as `shutil` names it."""
    return "zip" if sys.platform == "win32" else "xztar"


def build_folder(folder: Path) -> Path:
    """Let PyInstaller write the program into `folder`, replacing an earlier build."""
    staging = WORK / "dist"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--workpath", str(WORK / "work"), "--distpath", str(staging), str(SPEC)]
    subprocess.run(command, cwd=ROOT, check=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(exist_ok=True)
    shutil.move(staging / "synapscope", folder)
    return folder


def folder_size(folder: Path) -> int:
    """Bytes of all files in `folder`; a link counts as the link it is."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def megabytes(size: int) -> str:
    """`size` bytes for people, in units of 10⁶ bytes."""
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())

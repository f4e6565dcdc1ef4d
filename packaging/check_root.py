"""Prove that a build is complete: run its self-test in a root folder that has system libraries but no Python.

Run it as root, with the package debootstrap installed: `python3 packaging/check_root.py dist/synapscope-…`.
The root folder is a bare Debian 12 with the packages of an offscreen Qt; `--root` keeps it for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = "bookworm"
PACKAGES = "libglib2.0-0,libgl1,libegl1,libx11-6,libxkbcommon0,libfontconfig1,libdbus-1-3"
PROGRAM_IN_ROOT = "/opt/synapscope/synapscope"


def main() -> int:
    """Make the root folder, put the build into it, run it there; the exit status is the self-test's."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=Path, help="the one-folder build")
    parser.add_argument("--root", type=Path, help="a root folder to make once and use again")
    parser.add_argument(
        "--frames", type=int, default=300, help="frames of the self-test (default %(default)s)"
    )
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        parser.error("run this as root, with the package debootstrap installed")
    if options.root:
        return check(options.build, options.root, options.frames)
    with tempfile.TemporaryDirectory(prefix="synapscope-root-") as folder:
        return check(options.build, Path(folder), options.frames)


def check(build: Path, root: Path, frames: int) -> int:
    """Run the self-test of `build` inside `root`."""
    if not (root / "usr" / "bin").is_dir():
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root], check=True)
    if pythons := python_files(root):
        sys.exit(f"{root} is not free of Python: {pythons[0]}")
    target = root / PROGRAM_IN_ROOT.lstrip("/")
    shutil.rmtree(target.parent, ignore_errors=True)
    shutil.copytree(build, target.parent, symlinks=True)
    print(run_in(root, "--version").stdout.strip())
    done = run_in(root, "self-test", "--frames", str(frames), "--json")
    print(done.stdout, done.stderr, f"exit status {done.returncode}", sep="\n")
    return done.returncode


def python_files(root: Path) -> list[Path]:
    """Interpreters and Python libraries in `root`, outside the build."""
    folders = ("usr/bin", "usr/local/bin", "usr/lib", "usr/local/lib")
    patterns = ("python3*", "*/libpython*")
    return [path for folder in folders for pattern in patterns for path in (root / folder).glob(pattern)]


def run_in(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with `root` as its whole file system and only the necessary environment."""
    environment = {
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "QT_QPA_PLATFORM": "offscreen",
    }
    inside = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        f"--mount-proc={root.resolve() / 'proc'}",
        "chroot",
        root,
    ]
    command = [*inside, PROGRAM_IN_ROOT, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.outside [FOLDER]`: the session on a display of its own; the folder takes screenshots.

It needs Xvfb, openbox and xdotool. With twelve other processes on two cores it took 82 to 139 seconds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.outside.display import Display, missing_programs
from benchmarks.outside.session import Session


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outside", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where screenshots are written")
    folder = parser.parse_args().folder
    if missing := missing_programs():
        print(f"Not installed: {', '.join(missing)}.", file=sys.stderr)
        return 2
    with Display() as display:
        session = Session(display, folder)
        try:
            session.run()
        finally:
            print(*session.report.checks, sep="\n")
    print(f"Everything holds, after {session.report.seconds:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

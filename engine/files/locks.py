"""A lock file that the system releases when its process ends, however it ends (a process id is reused)."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


class LockFile:
    """A file locked by this object; `take` says whether it could be had."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Lock it, unless somebody else has it; OSError where the file cannot be made."""
        if self.held:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self, *, remove: bool = False) -> None:
        """Give it back; `remove` deletes the file as well."""
        if self._descriptor is None:
            return
        if remove and sys.platform != "win32":
            self._delete()  # while it is held, so that nobody's new lock is deleted
        os.close(self._descriptor)  # releases the lock
        self._descriptor = None
        if remove:
            self._delete()

    def _delete(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

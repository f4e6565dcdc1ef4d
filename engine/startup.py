"""Finds out before Qt is loaded whether a window can open here, because Qt aborts with a misleading message.

Only Linux and the BSDs can lack a display or a shared library that Qt takes from the system. Every public
function returns `None` or one sentence for the user.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Callable, Mapping

Loader = Callable[[str], object]  # raises OSError where the library cannot be loaded

# Shared library → Debian package that brings it. What PySide6's own libraries and its plugins link or load.
LIBRARIES_ALWAYS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
LIBRARIES_BY_PLATFORM = {
    "xcb": {
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
        "libX11-xcb.so.1": "libx11-xcb1",
        "libxcb.so.1": "libxcb1",
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-image.so.0": "libxcb-image0",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-randr.so.0": "libxcb-randr0",
        "libxcb-render-util.so.0": "libxcb-render-util0",
        "libxcb-render.so.0": "libxcb-render0",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxcb-shm.so.0": "libxcb-shm0",
        "libxcb-sync.so.1": "libxcb-sync1",
        "libxcb-util.so.1": "libxcb-util1",
        "libxcb-xfixes.so.0": "libxcb-xfixes0",
        "libxcb-xkb.so.1": "libxcb-xkb1",
    },
    "wayland": {
        "libwayland-client.so.0": "libwayland-client0",
        "libwayland-cursor.so.0": "libwayland-cursor0",
        "libwayland-egl.so.1": "libwayland-egl1",
    },
}


def missing_display(environ: Mapping[str, str] = os.environ, system: str = sys.platform) -> str | None:
    """One sentence if no platform that Qt would try has a display that answers, else `None`."""
    if not _takes_libraries_from_system(system) or _platform(environ) is not None:
        return None
    named = [f"{name}={environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if environ.get(name)]
    reason = (
        f"{' and '.join(named)} does not answer" if named else "neither DISPLAY nor WAYLAND_DISPLAY is set"
    )
    return (
        f"Synapscope cannot open its window because there is no display ({reason}): "
        "start it on a desktop or under xvfb-run, or set QT_QPA_PLATFORM=offscreen to test without one."
    )


def missing_libraries(
    load: Loader = ctypes.CDLL, environ: Mapping[str, str] = os.environ, system: str = sys.platform
) -> str | None:
    """One sentence with the Debian packages to install if `load` fails on a library Qt needs, else `None`."""
    if not _takes_libraries_from_system(system):
        return None
    needed = LIBRARIES_ALWAYS | LIBRARIES_BY_PLATFORM.get(_platform(environ) or "xcb", {})
    packages = " ".join(package for library, package in needed.items() if not _loads(load, library))
    if not packages:
        return None
    return (
        "Synapscope needs system libraries that are missing here; "
        f"install them with: sudo apt-get install {packages}"
    )


def _takes_libraries_from_system(system: str) -> bool:
    return system.startswith(("linux", "freebsd", "openbsd", "netbsd"))


def _platform(environ: Mapping[str, str]) -> str | None:
    """The first of the Qt platform plugins to be tried that has what it draws on; `None` if there is none."""
    chosen = environ.get("QT_QPA_PLATFORM", "") or "wayland;xcb"
    names = (part.partition(":")[0].strip() for part in chosen.split(";"))
    return next((name for name in names if _has_display(name, environ)), None)


def _has_display(platform: str, environ: Mapping[str, str]) -> bool:
    if platform == "xcb":
        return _x_server_answers(environ.get("DISPLAY", ""))
    if platform.startswith("wayland"):
        return _wayland_answers(environ.get("WAYLAND_DISPLAY", ""), environ.get("XDG_RUNTIME_DIR", ""))
    return True  # offscreen, minimal, vnc, linuxfb, …: no display server


def _x_server_answers(display: str) -> bool:
    if not display:
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # cannot tell; missing_libraries() names the package
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _wayland_answers(display: str, runtime_folder: str) -> bool:
    if not display:
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.path.join(runtime_folder, display))
        except OSError:
            return False
    return True


def _loads(load: Loader, library: str) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True

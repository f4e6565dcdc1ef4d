"""The inspector at the right: what is chosen and what is learned, of everything or of what is selected."""

from gui.panels.inspector.panel import Inspector

__all__ = ["Inspector"]

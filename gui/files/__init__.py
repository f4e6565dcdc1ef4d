"""The project on disk as the window sees it: open, save, autosave and what a crash left, never waiting for the disk."""

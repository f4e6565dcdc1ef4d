"""The project on disk as the window sees it: open, save, autosave, restore, without waiting for the disk."""

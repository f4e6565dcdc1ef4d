"""Small reusable widgets, each usable alone: they know themes and numbers, but no document and no session."""

"""Edits: pure functions from one project to the next, each with a text for the undo menu, or a refusal.

What a user does with mouse, keyboard or a form is one of these; none raises on a user's mistake.
"""

from engine.edits.outcome import Edit, Outcome, Refusal

__all__ = ["Edit", "Outcome", "Refusal"]

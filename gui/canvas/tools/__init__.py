"""The mouse tools of the canvas, one class each: what a press, a drag and a hover mean."""

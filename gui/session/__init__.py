"""The session seen from the window: commands to the worker, frames from it, and the example on show."""

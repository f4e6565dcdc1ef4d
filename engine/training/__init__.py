"""Training: batches, the step, the session and its history, and the worker thread that drives it."""

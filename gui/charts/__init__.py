"""Charts of a run: curves over steps, drawn by pyqtgraph at most ten times a second."""

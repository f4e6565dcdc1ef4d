"""The document: the open project, its undo stack and its selection. The only code that changes a design."""

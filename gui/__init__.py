"""The window: everything a person sees and touches, drawn with Qt over the engine."""

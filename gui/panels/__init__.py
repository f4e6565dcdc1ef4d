"""What stands around the canvas: transport, rail and flyouts, inspector, navigator, drawer. They never know each other."""

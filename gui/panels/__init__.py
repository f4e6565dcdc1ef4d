"""What stands around the canvas: transport, rail, inspector, navigator, drawer. None knows another."""

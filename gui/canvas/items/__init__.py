"""The items of the canvas: one per layer and one per bundle, never one per neuron or synapse."""

"""The picture on which a network is designed and watched: geometry and color in NumPy, items in Qt."""

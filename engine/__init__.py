"""The computing core of Synapscope: designs, networks, training and files, without any window."""

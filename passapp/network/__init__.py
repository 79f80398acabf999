"""The network: its settings, its plans, its convention and the state of its months."""

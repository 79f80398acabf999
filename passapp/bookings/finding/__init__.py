"""Which rooms are free, anywhere in the network."""

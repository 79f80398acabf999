"""Settlement: what the places of the network owe one another. For now: how often who visited whom."""

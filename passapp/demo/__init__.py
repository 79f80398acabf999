"""The demo network: real places that do not take part, invented people, invented visits."""

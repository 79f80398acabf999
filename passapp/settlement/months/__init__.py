"""The life of a month: published to the places, looked at, closed, chained and signed."""

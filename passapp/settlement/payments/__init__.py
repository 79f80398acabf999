"""What is to be paid after a month is closed, and what came of it."""

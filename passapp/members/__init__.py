"""Members: people, and their dated memberships at a home place."""

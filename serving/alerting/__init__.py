"""On which level a group stands and why, what happened to it, and who gets the row."""

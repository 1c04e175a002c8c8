"""What could be known of a world: the best scores that anyone could give its groups."""

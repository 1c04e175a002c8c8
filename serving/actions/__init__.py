"""What to do with a listed group: actions and their worth, who can sign, whom to bind."""

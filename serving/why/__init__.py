"""Why a score is what it is: reasons, peers, what changed, and what would lower it."""

"""From delivered files to stored rows: check, quarantine, store, and only then move the pointer."""

"""A filled-in list that comes back: files, columns, answers, and what became of each row."""

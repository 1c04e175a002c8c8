"""The casebook: one case a group at risk, from the list that raised it to what became of it.

``serving.casebook.book.Casebook`` is the way in. ``rules``, ``clocks`` and ``states`` need no
database and load nothing heavy.
"""

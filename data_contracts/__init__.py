"""What data must look like: the tables an operator delivers and the tables we deliver.

One Open Data Contract Standard 3.1 file per table in ``source/`` and ``published/``.
``contract`` reads them; ``predicates`` turns them into DuckDB queries that name broken
rows; ``expectations`` turns them into Great Expectations suites; ``personal`` recognises
plain phone and identity numbers. Nothing heavy is imported here.
"""

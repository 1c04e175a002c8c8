"""What goes wrong between an operator's systems and the warehouse, planted on purpose and listed.

``planting`` decides which batches are hit, ``rows`` which rows; ``breaking`` finds values that
break one rule of a contract and no other, ``batch`` makes the file, ``listing`` keeps the list.
"""

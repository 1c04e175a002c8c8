"""A made-up operator that obeys the data contracts; its ground truth is kept apart.

Only the files under ``landing`` may reach the core: nothing there says that they are simulated.
"""

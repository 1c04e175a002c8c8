"""From feature table to calibrated risk and why."""

import os

# LightGBM's threads wait for each other by spinning. Where another program wants the same cores, a
# fit then takes thirty times as long (measured: 58 s instead of 2 s); asleep they cost nothing.
# OpenMP reads this once, when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

"""From a feature table to a calibrated risk and the reasons for it."""

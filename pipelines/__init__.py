"""The commands: where settings, files and Prefect live, and nowhere else."""

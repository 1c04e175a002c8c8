"""The KPI report (旬报): where each KPI stands beside the time passed, and what it hides."""

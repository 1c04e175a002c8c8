"""The label rule that tests work with: round numbers, as in the settings."""

from models.labels import LabelRule

RULE = LabelRule(
    name="L_transfer_90",
    version="test",
    loss_share=0.4,
    loss_members=3,
    min_members=3,
    gap_days=10,
    horizon_days=90,
    maturity_days=70,
    outgoing_kept=0.65,
    incoming_kept=0.7,
)

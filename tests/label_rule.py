"""The label rule that tests work with: round numbers, as in the settings."""

from models.labels import LabelRule
from models.states import StateRule

STATES = StateRule(
    outgoing_kept=0.65,
    incoming_kept=0.5,
    one_sided=0.7,
    second_sim_kept=0.8,
    second_sim_months=6,
    shrunk_kept=0.5,
    deep_outgoing_kept=0.4,
    deep_incoming_kept=0.5,
    season_members=100,
    reentry_days=60,
    reentry_traits=2,
    reentry_circle=0.6,
    reentry_contacts=5,
    arrears_months=2,
    dissolved=("void",),
)
RULE = LabelRule(
    name="L_transfer_90",
    version="test",
    loss_share=0.4,
    loss_members=3,
    min_members=3,
    gap_days=10,
    horizon_days=90,
    maturity_days=70,
    states=STATES,
)

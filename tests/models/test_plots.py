import numpy as np

from models.plots import (
    contribution_summary,
    hits_by_owner,
    lift_curve,
    profit_curve,
    reliability,
)
from models.profit import Acceptance, Stakes

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_are_drawn_without_a_screen_and_come_out_the_same(model, later_rows, tmp_path):
    risk = model.probability(later_rows.features)
    reasons = model.contributions(later_rows.features)
    stakes = Stakes.of(later_rows.label, 100_000, incentive=5_000, contact_cost=10_000)
    owner = np.where(np.arange(len(risk)) % 3, "Li", "none of x")
    before = np.random.get_state()[1].tolist()

    drawn = [
        [
            reliability(later_rows.label, risk, folder / "reliability.png"),
            lift_curve(later_rows.label, {"model": risk, "rules": risk > 0.2}, folder / "lift.png"),
            profit_curve(
                {"model": risk, "rules": risk > 0.2},
                stakes,
                Acceptance(6, 14),
                folder / "profit.png",
                deepest=0.5,
                worked=0.02,
            ),
            hits_by_owner(owner, later_rows.label, risk > 0.3, folder / "owners.png"),
            contribution_summary(
                reasons,
                later_rows.features,
                folder / "reasons.png",
                names={"rival_share": "rival share"},
            ),
        ]
        for folder in (tmp_path / "first", tmp_path / "second")
    ]

    for first, second in zip(*drawn, strict=True):
        assert first.read_bytes().startswith(PNG)
        assert first.read_bytes() == second.read_bytes()
    assert np.random.get_state()[1].tolist() == before

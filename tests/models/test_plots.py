import numpy as np

from models.plots import contribution_summary, lift_curve, reliability

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_are_drawn_without_a_screen_and_come_out_the_same(model, later_rows, tmp_path):
    risk = model.probability(later_rows.features)
    reasons = model.contributions(later_rows.features)
    before = np.random.get_state()[1].tolist()

    drawn = [
        [
            reliability(later_rows.label, risk, folder / "reliability.png"),
            lift_curve(later_rows.label, {"model": risk, "rules": risk > 0.2}, folder / "lift.png"),
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

"""rival_campaign: campaigns of the rival that marketing noticed, area by area."""

from __future__ import annotations

import numpy as np

from simulator.cells import pick
from simulator.dekads import Dekad, Month
from simulator.delays import end_of
from simulator.office import Office
from simulator.rivalry import LEVERS
from simulator.society import Happenings
from simulator.tables.areas import area_ids


class Campaigns:
    """Sends, some weeks after a month, the campaigns that ran at its end and were noticed."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._dekads = np.zeros(office.preset.population.areas, dtype=np.int64)

    def begin(self) -> None:
        """Campaigns are noticed from the first month on."""

    def dekad(self, happenings: Happenings, dekad: Dekad) -> None:
        """Count for how many dekads running each area has had a campaign."""
        running = self._office.society.rivalry.campaign
        self._dekads = np.where(running, self._dekads + 1, 0)

    def month(self, month: Month) -> None:
        """Send the campaigns of a month."""
        office, draws = self._office, self._office.draws
        everywhere = np.arange(len(self._dekads))
        seen = draws.happens(
            "campaign.seen", office.preset.fieldwork.campaign_seen, everywhere, month.index
        )
        area = everywhere[seen & (self._dekads > 0)]
        telecom = draws.happens(
            "campaign.telecom", office.preset.attack.telecom_share, area, month.index
        )
        ids = area_ids(office.society.groups.county, len(everywhere))
        rows = {
            "area_id": pick(ids, area),
            "month": month.code,
            "rival": pick(["CU", "CT"], telecom.astype(np.int64)),
            "intensity": np.minimum(self._dekads[area], 3),
            "theme": pick(LEVERS, draws.whole("campaign.theme", 0, 3, area, month.index)),
        }
        last = np.full(len(area), month.last)
        load = office.load("rival_campaign", area, last, month.index)
        office.send("rival_campaign", rows, end_of(last), load, source="MKT")

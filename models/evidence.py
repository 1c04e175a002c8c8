"""What tells what became of members after a day: their use, states and bills, loaded after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile

import narwhals as nw
import pandas as pd
import pyarrow as pa

from features import Tables
from features.expressions import total
from features.known import Known, closed_periods
from features.tables import Frame, as_pandas
from models.labels import LabelRule

OFF = ("retention", "off")
BASE_MONTHS = 3
"""Closed months before the day whose average is a member's former level, of use and of bills."""


class Evidence:
    """Use, second-SIM indications and states of a roster's members, loaded after its days.

    Args:
        roster: ``as_of`` and ``user_id``, and whatever else.
        known: The last day whose knowledge may be used; None for all until the labels mature.
    """

    def __init__(
        self, tables: Tables, roster: pd.DataFrame, rule: LabelRule, known: date | None = None
    ) -> None:
        self.tables, self.rule, self._known = tables, rule, known
        self._contract = tables.contract("usage_month")
        self.days = sorted(set(roster["as_of"]))
        self.longest = max(1, *(len(self.months(day)) for day in self.days))
        self._roster = tables.bring(pa.Table.from_pandas(roster, preserve_index=False))
        self._users = tables.hold(self._roster.select("user_id").unique())
        self.later = Known(tables, [self.until(day) for day in self.days])

    def until(self, day: date) -> date:
        """The day on whose knowledge it is judged what became of members after ``day``."""
        mature = day + timedelta(self.rule.matures_after)
        return mature if self._known is None else min(mature, self._known)

    def months(self, day: date) -> list[date]:
        """First days of the months from that of ``day`` to the last one closed when judged."""
        first = f"{day:%Y%m}"
        closed = closed_periods(self._contract, self.until(day))
        names = takewhile(lambda name: name >= first, closed)
        return sorted(datetime.strptime(name, "%Y%m").date() for name in names)  # noqa: DTZ007

    def beside_roster(self) -> pd.DataFrame:
        """The roster with each member's former level, use by month, last use, state, second SIM.

        ``last_use`` counts days from ``as_of``; ``value`` is a closed month's bill, in fen.
        """
        rows = self._roster
        for part in (*self._before(), *self._after()):
            rows = rows.join(part, how="left", on=["as_of", "user_id"])
        found = as_pandas(rows, "as_of", "user_id")
        for absent in {"value", "second_sim", "second_sim_before"} - set(found.columns):
            found[absent] = float("nan")
        return found

    def judged(self, rows: Frame) -> Frame:
        """Rows of ``later``, each beside the days that are judged by it, ``passed`` days before."""
        when = self._when_judged()
        return rows.rename({"as_of": "judged"}).join(when, how="inner", on="judged").drop("judged")

    def after(self, rows: Frame) -> Frame:
        """The ``judged`` rows loaded after the day: what was known then is no evidence."""
        day_after = nw.col("as_of").cast(nw.Datetime("us")) + timedelta(1)
        return self.judged(rows).filter(nw.col("load_time") >= day_after)

    def _when_judged(self) -> Frame:
        judged = [self.until(day) for day in self.days]
        passed = [(then - day).days for day, then in zip(self.days, judged, strict=True)]
        return self.tables.bring(
            pa.table(
                {
                    "as_of": pa.array(self.days, pa.date32()),
                    "judged": pa.array(judged, pa.date32()),
                    "passed": pa.array(passed, pa.int64()),
                }
            )
        )

    def _before(self) -> Iterator[Frame]:
        """What was known on the day: former levels, bills, and who is said to have a second SIM."""
        known = Known(self.tables, self.days)
        used = known.rows("usage_month", BASE_MONTHS, of=self._users)
        yield used.group_by("as_of", "user_id").agg(
            base_out=nw.col("mou_out_m").sum() / nw.len(),
            base_in=nw.col("mou_in_m").sum() / nw.len(),
        )
        if "bill_month" in self.tables:
            bills = known.rows("bill_month", BASE_MONTHS, of=self._users)
            yield bills.group_by("as_of", "user_id").agg(
                value=nw.col("arpu_fen").sum() / nw.col("arpu_fen").count()
            )
        if "second_sim_ind" in self.tables:
            yield _indicated(
                known.rows("second_sim_ind", self.rule.states.second_sim_months),
                "second_sim_before",
            )

    def _after(self) -> Iterator[Frame]:
        yield self._usage_after()
        off = self.after(self.later.rows("member")).filter(nw.col("status").is_in(OFF))
        yield off.select("as_of", "user_id", off_since=nw.col("status_time"))
        if "second_sim_ind" in self.tables:
            yield _indicated(
                self.after(self.later.rows("second_sim_ind", self.longest)), "second_sim"
            )

    def _usage_after(self) -> Frame:
        rows = self.after(self.later.rows("usage_month", self.longest, of=self._users))
        used = nw.col("mou_out_m") + nw.col("mou_in_m") + nw.col("data_kb").fill_null(0)
        amounts = {"out": nw.col("mou_out_m"), "in": nw.col("mou_in_m"), "used": used}
        last_use = nw.col("days_to_last_active_date") + nw.col("passed")
        return rows.group_by("as_of", "user_id").agg(
            *(
                total(amount, nw.col("age") == age).alias(f"{kind}_{age}")
                for kind, amount in amounts.items()
                for age in range(self.longest)
            ),
            last_use=nw.when(used > 0).then(last_use).max(),
        )


def _indicated(rows: Frame, name: str) -> Frame:
    known = nw.when(~nw.col("score").is_null()).then(1).otherwise(0)
    return rows.group_by("as_of", "user_id").agg(known.max().alias(name))

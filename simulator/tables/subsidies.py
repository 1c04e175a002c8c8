"""Money of members' contracts: deposit, bonus, monthly return, cost, and what a breach costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import draws as random
from simulator.draws import Ints
from simulator.office import Office

GUARANTEE = "handset_guarantee"
PENALTIES = {
    "deposit_bonus": "forfeit_bonus",
    "handset_discount": "pct_remaining",
    "handset_guarantee": "fixed",
    "tariff_subsidy": "forfeit_bonus",
}
"""What leaving early costs, by kind: a bonus or a subsidy is forfeited, a handset paid for."""


@dataclass(frozen=True)
class Terms:
    """Contracts in money (fen), one element each; the monthly returns add up to the bonus."""

    deposit: Ints
    bonus: Ints
    monthly_return: Ints
    cost: Ints
    min_spend: Ints


def kinds(office: Office, who: Ints, serial: Ints) -> Ints:
    """The kind (place in ``lock.kinds``) of contracts that members sign, by their number.

    Employers guarantee only in large or important groups; elsewhere it is the first kind instead.
    """
    names, weights = random.weights(office.preset.lock.kinds)
    members, groups = office.society.members, office.society.groups
    kind = office.draws.choice("contract.kind", weights, members.key[who], serial)
    group = members.group[who]
    may = (groups.tier[group] < 2) | groups.double_top100[group]
    return np.where((kind == names.index(GUARANTEE)) & ~may, 0, kind)


def terms(office: Office, who: Ints, serial: Ints, term: Ints, kind: Ints) -> Terms:
    """The terms of contracts of members.

    Args:
        serial: Number of each member's contract.
        term: Months.
        kind: Place in ``lock.kinds``.
    """
    p, draws, members = office.preset.subsidy, office.draws, office.society.members
    key = members.key[who]
    names = np.array(list(office.preset.lock.kinds))[kind]
    handset, guaranteed = np.char.startswith(names, "handset"), names == GUARANTEE
    spend = members.arpu[who] * p.deposit_share
    deposit = np.rint(spend * term / p.deposit_step) * p.deposit_step * 100
    percent = draws.whole("contract.bonus", *p.bonus_percent, key, serial)
    back = np.where(handset, 0, np.rint(deposit * percent / 100 / np.maximum(term, 1)))
    usual = draws.whole("contract.handset", *p.handset, key, serial)
    dear = draws.whole("contract.handset", *p.guaranteed_handset, key, serial)
    gift = np.where(guaranteed, dear, usual) * 100
    prepaid = np.isin(names, ("deposit_bonus", "handset_discount"))
    return Terms(
        deposit=np.where(prepaid, deposit, 0).astype(np.int64),
        bonus=(back * term).astype(np.int64),
        monthly_return=back.astype(np.int64),
        cost=np.where(handset, gift, back * term).astype(np.int64),
        min_spend=(np.rint(spend) * 100).astype(np.int64),
    )

"""Continuity of those who look after a group, and whether its key people stand by us."""

from __future__ import annotations

import narwhals as nw

from features.definition import MEMBERS, Window, group_feature
from features.expressions import ages, count, distinct
from features.group.management import VISITS
from features.reasons import Reason
from features.views.managers import latest_managers, letters

MANAGERS = Window("group_manager_rela")
VALID_LETTERS = Window(letters)
RISEN = 0.1
"""Rise of the rivals' share of a key person's minutes that is worth a call."""


@group_feature(
    over=Window(latest_managers),
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    family="management",
    reason=Reason.OWNER,
    raises=("近90天更换过客户经理", "its account manager changed in 90 days"),
    lowers=("近90天未更换客户经理", "its account manager did not change in 90 days"),
    empty=0,
)
def manager_changed(staff_id: nw.Expr) -> nw.Expr:
    """The group passed from one account manager to another within 90 days; the same one in a new
    row is no change."""
    return nw.when(distinct(staff_id, ~staff_id.is_null()) > 1).then(1).otherwise(0)


@group_feature(
    over=MANAGERS,
    unit="days",
    pivot=0,
    between=(0, 20_000),
    direction=1,
    family="management",
    reason=Reason.OWNER,
    raises=("无客户经理已{value:.0f}天", "without an account manager for {value:.0f} days"),
    lowers=("客户经理在岗", "an account manager is in charge"),
)
def unmanaged_days(
    role: nw.Expr, days_to_valid_from: nw.Expr, days_to_valid_to: nw.Expr
) -> nw.Expr:
    """Days without an account manager up to the day and with it; 0 with one, unknown where there
    never was one."""
    begun = (role == "AM") & (days_to_valid_from <= 0)
    first_without = nw.when(begun).then(days_to_valid_to).max()
    return nw.when(first_without > 0).then(0).otherwise(1 - first_without)


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    family="management",
    reason=Reason.OWNER,
    raises=("近半年关怀走访{value:.0f}次", "care visits in half a year: {value:.0f}"),
    lowers=("近半年无关怀走访", "no care visit in half a year"),
    empty=0,
)
def care_visits(type: nw.Expr, age: nw.Expr) -> nw.Expr:  # noqa: A002 - the contract's name
    """Visits of the last 180 days for care or to a key person."""
    return count(type.is_in(("care", "key_person")) & ages(age, 0, 179))


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    family="management",
    reason=Reason.SERVICE,
    raises=(
        "近半年走访中{value:.0f}次涉及投诉",
        "visits about complaints in half a year: {value:.0f}",
    ),
    lowers=("近半年走访未涉及投诉", "no visit about a complaint in half a year"),
    empty=0,
)
def complaint_visits(
    type: nw.Expr,  # noqa: A002 - the contract's name
    result: nw.Expr,
    age: nw.Expr,
) -> nw.Expr:
    """Visits of the last 180 days made for a complaint or in which one was heard."""
    complained = (type == "complaint") | (result.fill_null("") == "complaint")
    return count(complained & ages(age, 0, 179))


@group_feature(
    over=VISITS,
    unit="count",
    pivot=0,
    between=(0, 400),
    family="management",
    reason=Reason.PRODUCTS,
    raises=("近一年项目走访{value:.0f}次", "visits about projects within a year: {value:.0f}"),
    lowers=("近一年无项目走访", "no visit about a project within a year"),
    empty=0,
)
def project_visits(type: nw.Expr) -> nw.Expr:  # noqa: A002 - the contract's name
    """Visits of the last year about a project or product."""
    return count(type == "project")


@group_feature(
    over=VALID_LETTERS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="management",
    reason=Reason.AUTHORISATION,
    raises=("授权书有效", "a letter of authorisation is valid"),
    lowers=("无有效授权书", "no letter of authorisation is valid"),
    empty=0,
)
def letter_valid(scope: nw.Expr) -> nw.Expr:
    """A letter of authorisation is valid on the day and not revoked."""
    return nw.when(scope.count() > 0).then(1).otherwise(0)


@group_feature(
    over=VALID_LETTERS,
    unit="count",
    pivot=0,
    between=(0, 4),
    family="management",
    reason=Reason.AUTHORISATION,
    raises=("有效授权范围{value:.0f}类", "scopes of valid letters: {value:.0f}"),
    lowers=("无有效授权书", "no letter of authorisation is valid"),
    empty=0,
)
def letter_scopes(scope: nw.Expr) -> nw.Expr:
    """Different scopes of the valid letters: colour ring, V-net, all, other."""
    return distinct(scope, ~scope.is_null())


@group_feature(
    over=VALID_LETTERS,
    unit="flag",
    pivot=0.5,
    between=(0, 1),
    direction=-1,
    family="management",
    reason=Reason.AUTHORISATION,
    raises=("现任联系人可签署", "a present contact may sign"),
    lowers=("现任联系人无有效授权", "no present contact may sign"),
    empty=0,
)
def contact_can_sign(signer_stands: nw.Expr) -> nw.Expr:
    """A valid letter names a member who is contact or key person today."""
    return nw.when(count(signer_stands == 1) > 0).then(1).otherwise(0)


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="usage",
    reason=Reason.KEY_PEOPLE,
    raises=("{value:.0f}名关键成员上月静默", "key members silent last month: {value:.0f}"),
    lowers=("关键成员上月均有使用", "no key member was silent last month"),
    empty=0,
)
def key_members_silent(is_key_member: nw.Expr, silent: nw.Expr) -> nw.Expr:
    """Key members without calls or data in the last closed month."""
    return count((is_key_member == 1) & (silent == 1))


@group_feature(
    over=MEMBERS,
    unit="count",
    pivot=0,
    between=(0, 1000),
    direction=1,
    family="rival",
    reason=Reason.KEY_PEOPLE,
    raises=(
        "{value:.0f}名关键成员异网通话占比上升10个百分点以上",
        "key members whose calls to rivals rose by 10 points or more: {value:.0f}",
    ),
    lowers=("关键成员异网通话无明显上升", "no key member's calls to rivals rose by 10 points"),
    empty=0,
)
def key_members_call_rivals(is_key_member: nw.Expr, rival_share_rise: nw.Expr) -> nw.Expr:
    """Key members whose rivals' share of minutes rose by a tenth or more."""
    return count((is_key_member == 1) & (rival_share_rise >= RISEN))

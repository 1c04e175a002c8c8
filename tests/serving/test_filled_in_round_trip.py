from datetime import date

from hypothesis import given, settings, strategies as st
from returned import (
    ACTIONS,
    KEY_TITLES,
    VISITED_TITLES,
    as_csv,
    as_workbook,
    filled,
    grid,
    lists,
    sent,
    without,
)

from serving import words
from serving.returned.files import tables
from serving.returned.filled_in import Answers, filled_in

ONE, TWO, THREE, FOUR = (f"891000000000{n}" for n in ("02", "13", "32", "33"))
ON = date(2011, 1, 13)


def told(content):
    """Answers by group; nothing may be rejected."""
    found = filled_in(tables(content), lists(), ACTIONS, ON)
    assert found.rejected == ()
    return {report.about.group_id: report.answers for report in found.reports}


NOTES = st.text(st.characters(codec="gbk", exclude_categories=("Cc", "Cs")), max_size=40).filter(
    lambda text: text == text.strip() and not text.lstrip("'").startswith(tuple("=+-@＝＋－＠"))
)
DAYS = st.dates(date(2011, 1, 3), ON)


@st.composite
def answers(draw):
    """What somebody may have filled in on one row."""
    met = draw(st.none() | DAYS)
    action = draw(st.none() | st.sampled_from(sorted(ACTIONS)))
    after = st.dates(met or date(2011, 1, 3), date(2011, 3, 1))
    return Answers(
        feedback=draw(st.none() | st.sampled_from(sorted(words.FEEDBACK))),
        contact_date=met,
        notes=draw(NOTES) or None,
        contact_role=draw(st.none() | st.sampled_from(sorted(words.CONTACT_ROLE))),
        intent=draw(st.none() | st.sampled_from(sorted(words.INTENT))),
        rival=draw(st.none() | st.sampled_from(sorted(words.RIVAL))),
        rival_offer=draw(st.none() | st.sampled_from(sorted(words.OFFER))),
        action_given=action,
        cost_fen=draw(st.none() | st.integers(0, 10**8)) if action else None,
        next_step_date=draw(st.none() | after),
    )


def written(given, language):
    """The answers as a person fills them in."""
    codes = {
        "feedback": words.FEEDBACK,
        "contact_role": words.CONTACT_ROLE,
        "intent": words.INTENT,
        "rival": words.RIVAL,
        "rival_offer": words.OFFER,
        "action_given": ACTIONS,
    }
    found = {
        name: words.say(offered[code], language)
        for name, offered in codes.items()
        if (code := getattr(given, name)) is not None
    }
    cost = None if given.cost_fen is None else given.cost_fen / 100
    rest = {"notes": given.notes, "cost_yuan": cost}
    days = {"contact_date": given.contact_date, "next_step_date": given.next_step_date}
    return {**found, **rest, **days}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([ONE, TWO, THREE, FOUR]), answers(), min_size=1),
    st.permutations(range(4)),
    st.sets(
        st.sampled_from([t for t in grid(sent())[0] if t not in {*KEY_TITLES, *VISITED_TITLES}])
    ),
    st.sampled_from(["zh", "en"]),
    st.sampled_from(["xlsx", "gbk", "utf-8-sig"]),
)
def test_what_is_filled_in_comes_back_equal_whatever_became_of_the_file(
    given_by_group, order, gone, language, saved_as
):
    filled_by = {group: written(one, language) for group, one in given_by_group.items()}
    header, *rows = filled(filled_by, language)
    cells = [header, *(rows[place] for place in order)]
    cells = without(cells, *gone) if language == "zh" else cells

    content = as_workbook(cells) if saved_as == "xlsx" else as_csv(cells, saved_as)

    assert told(content) == {g: one for g, one in given_by_group.items() if not one.empty}

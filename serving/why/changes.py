"""What changed since a group's own last published list, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from features.definition import Feature, Text
from serving.why.figures import compared
from serving.why.reasons import BACKGROUND, EVERYTHING_ELSE, SpokenReason, from_json

NEW = Text("新进名单：上期未评分。", "New on the list: it had no score last time.")
OTHER_METHOD = Text(
    "上期由另一种方法评分（模型或规则），两期不可比。",
    "Last time another method made the score (model or rules); the two cannot be compared.",
)
SHOWN_POINTS = 0.05
"""Points of probability that are shown as nothing."""
SHOWN_MOVE = 0.005
"""A move of a contribution that is shown as nothing."""


@dataclass(frozen=True)
class Added:
    """What features added to scores, on both days: exact, where reasons are but the strongest.

    Attributes:
        now: Rows of ``serving.scoring.shap_rows``.
        before: The same of the batch before, the table group_shap.
    """

    now: pd.DataFrame
    before: pd.DataFrame


def changed(
    scores: pd.DataFrame,
    before: pd.DataFrame | None,
    catalogue: Mapping[str, Feature],
    added: Added | None = None,
) -> pd.DataFrame:
    """Each group's change since the list before: its risk, and the reason that moved most.

    Args:
        scores: Of ``serving.scoring``: ``group_id``, ``method``, ``probability`` and ``reasons``.
        before: The table group_score of the last published batch; None where there is none.
        catalogue: The features by name, to put their numbers of both days beside each other.
        added: What every feature added on both days; without it a reason that was not published
            is taken for 0, as it was weaker than those that were.

    Returns:
        One row a group, in the order of the scores: ``group_id``, ``changed_zh``, ``changed_en``
        and ``probability_before`` (NaN where there was none, or of another method). Of the reasons
        published on either day the one is named that moved most the way the risk went; one of the
        background (size, data) only where no other did.
    """
    last = _by_group(before) if before is not None else {}
    exact = _Exact(added, catalogue) if added else None
    found = [
        _changed(row, last.get(str(row["group_id"])), catalogue, exact)
        for row in scores.to_dict("records")
    ]
    return pd.DataFrame(
        {
            "group_id": scores["group_id"].to_numpy(),
            "changed_zh": [text.zh for text, _ in found],
            "changed_en": [text.en for text, _ in found],
            "probability_before": pd.Series([was for _, was in found], dtype="float64"),
        }
    )


class _Exact:
    """What every reason added on both days, and which of its features moved it most."""

    def __init__(self, added: Added, catalogue: Mapping[str, Feature]) -> None:
        key = ["group_id", "feature"]
        both = added.now[[*key, "value", "contribution"]].merge(
            added.before[[*key, "value", "contribution"]],
            how="outer",
            on=key,
            suffixes=("_now", "_before"),
        )
        both = both[both["feature"].isin(catalogue.keys())]
        reasons = {name: feature.reason.code for name, feature in catalogue.items()}
        both["code"] = both["feature"].map(reasons)
        now, before = both["contribution_now"].fillna(0), both["contribution_before"].fillna(0)
        sums = both.assign(now=now, before=before).groupby(["group_id", "code"])[["now", "before"]]
        self._sums = {key: (row[0], row[1]) for key, row in _by_key(sums.sum())}
        # Only what was known on both days can be put beside each other.
        known = both[both["value_now"].notna() & both["value_before"].notna()]
        moved = known.assign(by=(now - before)[known.index])
        self._most = {way: _most(moved, way) for way in (1, -1)}

    def sums(self, group_id: str, code: str) -> tuple[float, float]:
        """What a reason added, now and before."""
        return self._sums.get((group_id, code), (0.0, 0.0))

    def most(self, group_id: str, code: str, way: float) -> tuple[str, float, float] | None:
        """The feature that moved a reason most, up or down: name, value now and before."""
        return self._most[1 if way > 0 else -1].get((group_id, code))


def _by_key(frame: pd.DataFrame) -> Iterator[tuple[Any, list[float]]]:
    return zip(frame.index.tolist(), frame.to_numpy().tolist(), strict=True)


def _most(moved: pd.DataFrame, way: int) -> dict[tuple[str, str], tuple[str, float, float]]:
    """For each group and reason the feature that moved it most in one direction."""
    some = moved[moved["by"] * way > 0]
    order = some.assign(size=-some["by"].abs()).sort_values(["size", "feature"])
    first = order.drop_duplicates(["group_id", "code"])
    told = zip(first["feature"], first["value_now"], first["value_before"], strict=True)
    return dict(zip(zip(first["group_id"], first["code"], strict=True), told, strict=True))


@dataclass(frozen=True)
class _Move:
    """A reason on both days; where it was not published it has no words and, perhaps, no number.

    Attributes:
        most: The feature that moved it most, its value now and before; None where not known.
    """

    now: SpokenReason | None
    before: SpokenReason | None
    is_now: float | None
    was: float | None
    most: tuple[str, float, float] | None = None

    @property
    def background(self) -> bool:
        shown = self.now or self.before
        return shown is not None and shown.code in BACKGROUND

    @property
    def by(self) -> float:
        return (self.is_now or 0.0) - (self.was or 0.0)


def _by_group(before: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    return {str(row["group_id"]): row for row in before.to_dict("records")}


def _changed(
    now: Mapping[Any, Any],
    before: Mapping[Any, Any] | None,
    catalogue: Mapping[str, Feature],
    exact: _Exact | None,
) -> tuple[Text, float]:
    unknown = float("nan")
    if before is None:
        return NEW, unknown
    if before["method"] != now["method"]:
        return OTHER_METHOD, unknown
    was = unknown if pd.isna(before["probability"]) else float(before["probability"])
    way, risk = _risk(was, now["probability"])
    spoken, spoke = from_json(now["reasons"]), from_json(before["reasons"])
    moved = _moved(str(now["group_id"]), spoken, spoke, way, exact)
    if moved is None:
        return Text(f"{risk.zh}。", f"{risk.en}."), was
    why = _why(moved, catalogue)
    return Text(f"{risk.zh}；{why.zh}。", f"{risk.en}; {why.en}."), was


def _risk(was: float, now: Any) -> tuple[int, Text]:
    """Which way the risk went (0 where it stayed, or is not known), and the words."""
    if pd.isna(was) or pd.isna(now):
        return 0, Text("与上期规则清单相比", "Compared with the rules list before")
    points = 100 * (float(now) - was)
    if abs(points) < SHOWN_POINTS:
        return 0, Text(f"转网概率保持{now:.1%}", f"Risk unchanged at {now:.1%}")
    zh, en = ("升", "up") if points > 0 else ("降", "down")
    return (1 if points > 0 else -1), Text(
        f"转网概率由{was:.1%}{zh}至{now:.1%}（{points:+.1f}个百分点）",
        f"Risk {en} from {was:.1%} to {now:.1%} ({points:+.1f} points)",
    )


def _moved(
    group_id: str,
    spoken: tuple[SpokenReason, ...],
    spoke: tuple[SpokenReason, ...],
    way: int,
    exact: _Exact | None,
) -> _Move | None:
    """The reason that moved most the way that the risk went, or either way where it stayed."""
    now, before = ({reason.code: reason for reason in some} for some in (spoken, spoke))
    moves = []
    for code in sorted((now.keys() | before.keys()) - {EVERYTHING_ELSE}):
        said, had = now.get(code), before.get(code)
        move = _Move(
            said, had, said.contribution if said else None, had.contribution if had else None
        )
        if exact is not None:
            is_now, was = exact.sums(group_id, code)
            most = exact.most(group_id, code, is_now - was)
            move = replace(move, is_now=is_now, was=was, most=most)
        moves.append(move)
    seen = [move for move in moves if abs(move.by) >= SHOWN_MOVE and move.by * way >= 0]
    return max(seen, key=lambda move: (not move.background, abs(move.by)), default=None)


def _why(move: _Move, catalogue: Mapping[str, Feature]) -> Text:
    shown = move.now or move.before
    if shown is None:
        raise ValueError("a reason moved that was published on neither day")
    how, said = _how(move), _said(move, shown, catalogue)
    return Text(f"“{shown.name_zh}”{how.zh}：{said.zh}", f"{shown.name_en} {how.en}: {said.en}")


def _how(move: _Move) -> Text:
    if move.is_now is None:
        return Text(
            f"不再列入原因（上期{move.was:+.2f}）",
            f"is no longer among the reasons shown (it was {move.was:+.2f})",
        )
    if move.was is None:
        return Text(
            f"新列入原因（{move.is_now:+.2f}）",
            f"is new among the reasons shown ({move.is_now:+.2f})",
        )
    zh, en = ("升", "up") if move.by > 0 else ("降", "down")
    return Text(
        f"的影响由{move.was:+.2f}{zh}至{move.is_now:+.2f}",
        f"went {en} from {move.was:+.2f} to {move.is_now:+.2f}",
    )


def _said(move: _Move, shown: SpokenReason, catalogue: Mapping[str, Feature]) -> Text:
    """The words of a reason that moved, with what they were."""
    if move.most is not None:
        name, value, was = move.most
        sentence = catalogue[name].sentence(value, move.by)
        return _with(sentence, _number_before(catalogue[name], value, was))
    sentence = Text(shown.text_zh, shown.text_en)
    if move.now is None:
        return Text(f"上期：{sentence.zh}", f"last time: {sentence.en}")
    if move.before is None:
        return sentence
    now, before = move.now, move.before
    if now.feature != before.feature:
        return _with(sentence, Text(f"上期：{before.text_zh}", f"last time: {before.text_en}"))
    if now.value is None or before.value is None or now.feature not in catalogue:
        return sentence
    return _with(sentence, _number_before(catalogue[str(now.feature)], now.value, before.value))


def _with(sentence: Text, before: Text | None) -> Text:
    if before is None:
        return sentence
    return Text(f"{sentence.zh}（{before.zh}）", f"{sentence.en} ({before.en})")


def _number_before(feature: Feature, value: float, was: float) -> Text | None:
    number = compared(feature, value, was)
    if number is None:
        return None
    if number == compared(feature, value, value):
        return Text(
            f"上期同为{number.zh}，变动来自同类的其他指标",
            f"{number.en} last time too; other figures of its kind moved",
        )
    return Text(f"上期：{number.zh}", f"last time: {number.en}")

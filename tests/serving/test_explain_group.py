from dataclasses import replace

import pytest

from features.definition import Text
from serving.errors import UnknownGroup
from serving.why.explain import Beside, explain_group, peers_average
from serving.why.reasons import SpokenReason, to_json


def reason(code, contribution, text):
    return SpokenReason(code, f"{code}名", f"{code} name", contribution, "f", 0.5, text, text, 0.9)


@pytest.fixture
def published(scores):
    rows = scores.head(3).copy()
    rows["reasons"] = to_json(
        [
            replace(reason("R01", 1.5, "分流52%"), peers_zh="中位数：3%", peers_en="median: 3%"),
            reason("R04", 0.25, "到期30%"),
            reason("R03", -0.5, "V网活跃"),
            SpokenReason("R00", "其余因素", "everything else", -0.125, None, None, "合计", "rest"),
        ]
    )
    rows["group_id"] = ["G0101", "G0102", "G0203"]
    rows["probability"] = [0.4, 0.2, 0.1]
    rows["probability_low"], rows["probability_high"] = 0.31, 0.495
    rows["rank"] = [1, 2, 3]
    rows["level"] = "red"
    return rows


BESIDE = Beside(
    peers_probability=0.15,
    peers=Text("同区县批发零售C类集团41家", "41 C groups in trade of the county"),
    changed=Text("转网概率由12.0%升至40.0%。", "Risk up from 12.0% to 40.0%."),
    what_if=(Text("续签6名：40.0% → 23.0%", "renew 6: 40.0% → 23.0%"),),
    notes=(Text("图：a.png", "Picture: a.png"),),
)


def test_a_group_is_explained_in_chinese(published):
    assert explain_group("G0101", published, beside=BESIDE).splitlines() == [
        "集团 G0101（2011-01-03）",
        "预警等级：红，排名 1/3",
        "转网概率：40.0%（80%区间 31.0%–49.5%）",
        "同类集团平均：15.0%（同区县批发零售C类集团41家）",
        "与上期相比：转网概率由12.0%升至40.0%。",
        "主要原因（方括号内为贡献）：",
        "  1. R01名：分流52%（中位数：3%）[+1.50]",
        "  2. R04名：到期30%[+0.25]",
        "保护因素：R03名：V网活跃[-0.50]",
        "可以改变的原因：",
        "  R04名（第2条）",
        "如果今天采取措施：",
        "  续签6名：40.0% → 23.0%",
        "图：a.png",
    ]


def test_a_group_is_explained_in_english(published):
    alone = published.assign(probability_low=None, probability_high=None)
    assert explain_group("G0101", alone, language="en").splitlines() == [
        "Group G0101 on 2011-01-03",
        "Level: red, rank 1 of 3",
        "Risk of transfer: 40.0%",
        "Why (what each adds to the score in brackets):",
        "  1. R01 name: 分流52% (median: 3%) [+1.50]",
        "  2. R04 name: 到期30% [+0.25]",
        "What holds it: R03 name: V网活跃 [-0.50]",
        "What can be changed:",
        "  R04 name (number 2)",
    ]


def test_a_single_forest_tells_that_nobody_knows_whether_its_reasons_are_stable(published):
    unknown = to_json([replace(reason("R01", 1.5, "分流52%"), stability=None)])

    text = explain_group("G0101", published.assign(reasons=unknown))

    assert "原因的稳定性未知：模型只有一组树。" in text


def test_peers_are_the_other_groups_of_the_tier(published):
    assert peers_average("G0101", published) == pytest.approx((0.2 + 0.1) / 2)
    assert peers_average("G0101", published.head(1)) is None


def test_without_a_model_there_is_no_probability(published):
    text = explain_group("G0101", published.assign(method="rules", probability=None))

    assert "规则清单：按规则得分，没有概率。" in text
    assert "转网概率" not in text


def test_an_unknown_group_is_answered_with_the_closest_ids(published):
    with pytest.raises(UnknownGroup, match=r"'G0103' has no score among 3 groups.*G0102, G0101"):
        explain_group("G0103", published)

"""The words of a model card, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from features.definition import Text

FIGURES: Mapping[str, Text] = {
    "precision_at_capacity": Text(
        "可处理量内的命中率", "precision at capacity (of the groups worked, how many leave)"
    ),
    "recall_at_capacity": Text("可处理量内的查全率", "recall at capacity"),
    "value_recall_at_capacity": Text("可处理量内的收入查全率", "value recall at capacity"),
    "average_precision": Text("平均精确率", "average precision"),
    "auc": Text("AUC（排序能力）", "AUC"),
    "lift_at_10pct": Text("前10%提升度", "lift of the first 10 %"),
    "precision_at_2pct": Text("前2%命中率", "precision of the first 2 %"),
    "brier": Text("Brier 分数", "Brier score"),
    "calibration_error": Text("校准误差", "calibration error"),
    "list_jaccard": Text("相邻清单重合度", "overlap of lists in a row"),
    "expected_over_observed": Text("预期与实际之比", "expected over observed"),
    "expected_over_observed_top_5pct": Text(
        "预期与实际之比（最险5%）", "expected over observed, the riskiest 5 %"
    ),
    "calibration_slope": Text("校准斜率", "logit slope"),
    "base_rate": Text("基准率", "base rate"),
    "n": Text("行数", "rows"),
    "positives": Text("正例行数", "positive rows"),
    "positive_clusters": Text("正例集团（成员）数", "positive groups (members)"),
}
OF_SLICES = (
    "base_rate",
    "precision_at_capacity",
    "average_precision",
    "auc",
    "expected_over_observed",
)
METHODS: Mapping[str, Mapping[str, str]] = {
    "platt": {"en": "a sigmoid of two parameters (Platt)", "zh": "双参数 S 形曲线（Platt）"},
    "isotonic": {"en": "a rising curve (isotonic)", "zh": "保序曲线（isotonic）"},
}

IN: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Model card",
        "purpose": "What it is for",
        "purpose_text": "It puts business customers, or their members, in the order in which they "
        "are likely to move to a rival, so that account managers visit those first who may still "
        "be kept. Its score is a probability for the days of the label window, if nothing new is "
        "done. It advises people who decide; it decides nothing.",
        "label": "What it predicts",
        "data": "What it was made from",
        "figures": "How good it is",
        "figures_text": "On the test days, by a twin that has seen neither them nor the embargo "
        "before them; the model itself then learnt from all days. In brackets the 95 % interval "
        "from drawing whole groups again.",
        "slices": "For whom it is how good",
        "slices_text": "Of one list for which all compete, only the rows of the slice are counted. "
        "Where positive groups are few, believe the interval, not the figure.",
        "calibration": "Can its probabilities be taken at their word",
        "calibration_text": "Calibrated by {method} with {knots} knots, on {positives} positive "
        "rows of later days than the trees have seen. Expected over observed and logit slope "
        "above tell how well that held; 1 is right for both.",
        "features": "What it looks at",
        "features_text": "{count} features, those first that parted the groups most. Where the "
        "domain leaves no doubt, the model may only learn that direction. `groupchurn features "
        "show NAME` tells what each means.",
        "limits": "What it is not for, and what it does not know",
        "versions": "Versions, and who made it",
        "part": "part",
        "part_fit": "fitting",
        "part_calibration": "calibration",
        "part_test": "test (of the twin)",
        "days": "scoring days",
        "from": "from",
        "to": "to",
        "rows": "rows",
        "rows_short": "rows",
        "of_which": "{rows:,}, of which positive {positives:,}",
        "embargo": "Between fitting and calibration, and before the test, lies an embargo: no "
        "label window crosses from one part into the next. Only what was known on a scoring day "
        "counts for it.",
        "figure": "figure",
        "model": "model",
        "rules": "rules on the same days",
        "slice": "slice",
        "positive_groups": "positive groups",
        "feature": "feature",
        "share": "share of gain",
        "direction": "direction",
        "reason": "speaks for",
        "what": "what",
        "version": "version",
        "made_by": "made by",
    },
    "zh": {
        "title": "模型说明卡",
        "purpose": "用途",
        "purpose_text": "按转网可能性给集团客户（或其成员）排序，让客户经理先走访还能挽留的客户。"
        "分值是不采取新措施时、在标签窗口内发生的概率。它只供人参考，不作任何决定。",
        "label": "预测什么",
        "data": "用什么数据做成",
        "figures": "效果如何",
        "figures_text": "以下指标由孪生模型在测试日上得出：它没有见过测试日及其前的隔离期；"
        "正式模型随后用全部日期训练。方括号内为按集团整体重抽样的95%区间。",
        "slices": "对哪些客户效果如何",
        "slices_text": "所有集团竞争同一份清单，只统计该切片内的行。"
        "正例集团少时，请看区间，勿看单个数字。",
        "calibration": "概率是否可信",
        "calibration_text": "校准方法：{method}，{knots}个节点，"
        "用比训练更晚的日期上的{positives}个正例行拟合。是否成立，见上表的预期与实际之比和校准斜率，两者都以1为准。",
        "features": "看哪些特征",
        "features_text": "共{count}个特征，区分作用大的在前。"
        "业务上方向明确的特征，模型只能学到该方向。含义见 `groupchurn features show 名称`。",
        "limits": "不可用于什么，不知道什么",
        "versions": "版本与制作者",
        "part": "部分",
        "part_fit": "训练",
        "part_calibration": "校准",
        "part_test": "测试（孪生模型）",
        "days": "评分日数",
        "from": "起",
        "to": "止",
        "rows": "行数",
        "rows_short": "行数",
        "of_which": "{rows:,}，其中正例{positives:,}",
        "embargo": "训练与校准之间、测试之前都有隔离期，标签窗口不会跨入下一部分。"
        "每个评分日只用当日已知的数据。",
        "figure": "指标",
        "model": "模型",
        "rules": "同日规则基线",
        "slice": "切片",
        "positive_groups": "正例集团数",
        "feature": "特征",
        "share": "增益占比",
        "direction": "方向",
        "reason": "所属原因",
        "what": "项目",
        "version": "版本",
        "made_by": "制作者",
    },
}

LIMITS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Not for decisions about persons: not about credit, employment, service or price of "
        "anybody, nor about an account manager's work.",
        "A high risk is no reason for a discount by itself: it tells who may leave, not whom an "
        "offer would keep.",
        "It knows only what the operator's tables knew on the day. Talks with rivals, a change "
        "of the owner or a move that nobody recorded are not in them.",
        "It has learnt from groups as they were; after a new tariff, a new rival or a change of "
        "what is delivered, look at promises kept before you trust it.",
        "Reasons say what moved the score, not what would move the group.",
        "Groups that are very small, lost already or there only for tests are not scored.",
        "In a county or size of group with few positives it may be worse than its figures: see "
        "the slices.",
    ),
    "zh": (
        "不得用于针对个人的决定：不得用于信用、雇佣、服务或资费，也不得用于考核客户经理。",
        "风险高本身不是给优惠的理由：它说明谁可能离开，不说明优惠能留住谁。",
        "它只知道当日系统中已有的数据；与对手的洽谈、负责人更换等未登记的事，它并不知道。",
        "它学自过去的集团；资费、竞争对手或数据口径变化后，请先核对预期与实际之比再使用。",
        "原因说明分值为何变化，不说明做什么能改变客户。",
        "过小、已流失或仅供测试的集团不评分。",
        "正例少的区县或规模段，实际效果可能不如总体指标，见切片。",
    ),
}

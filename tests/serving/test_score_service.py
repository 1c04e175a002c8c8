import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from serving.api import create_app
from serving.store import PublishedStore


@pytest.fixture(scope="module")
def published(batch, tmp_path_factory):
    store = PublishedStore(tmp_path_factory.mktemp("served"))
    store.publish(batch)
    return store


@pytest.fixture
def service(published):
    return TestClient(create_app(published))


def test_health_names_the_batch(service, published):
    assert service.get("/health").json() == {
        "status": "ok",
        "batch_id": published.batch_id(),
        "as_of": "2011-01-03",
        "problem": None,
    }


def test_health_and_scores_before_the_first_batch(tmp_path):
    service = TestClient(create_app(PublishedStore(tmp_path)))

    assert service.get("/health").json()["status"] == "nothing_published"
    answer = service.get("/v1/scores")
    assert answer.status_code == 404
    assert "nothing has been published yet" in answer.json()["detail"]


def test_scores_come_riskiest_first_in_pages(service, batch):
    whole = service.get("/v1/scores").json()
    page = service.get("/v1/scores", params={"limit": 2, "offset": 3}).json()

    assert whole["total"] == len(whole["scores"]) == 400
    assert [score["rank"] for score in page["scores"]] == [4, 5]
    assert page["scores"] == whole["scores"][3:5]
    expected = batch.frames["group_score"].set_index("group_id")["probability"]
    assert {s["group_id"]: s["probability"] for s in whole["scores"]} == expected.to_dict()


def test_scores_of_a_day_and_of_a_level(service):
    red = service.get("/v1/scores", params={"as_of": "2011-01-03", "level": "red"}).json()

    assert red["total"] == 6
    assert {score["level"] for score in red["scores"]} == {"red"}


def test_reasons_in_the_answer_add_up(service):
    score = service.get("/v1/scores", params={"limit": 1}).json()["scores"][0]

    total = score["base_margin"] + sum(reason["contribution"] for reason in score["reasons"])
    assert total == pytest.approx(score["margin"], abs=1e-6)
    assert score["reasons"][0]["text_zh"]


def test_a_day_without_a_batch_is_not_found(service):
    answer = service.get("/v1/scores", params={"as_of": "2011-01-13"})

    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "no batch was published for 2011-01-13; the newest are of 2011-01-03"
    )


def test_every_id_gets_a_status_in_the_order_of_the_question(service):
    question = {"group_ids": ["G0001", "nobody", "G9999", "G0001"], "as_of": None}

    answer = service.post("/v1/scores", json=question).json()

    assert [result["status"] for result in answer["results"]] == [
        "ok",
        "unknown_group",
        "not_scored",
        "ok",
    ]
    assert answer["results"][0]["score"]["group_id"] == "G0001"
    assert answer["results"][2]["why"] == "The group exists only for tests."


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"group_ids": []},
        {"group_ids": "G0001"},
        {"group_ids": [1]},
        {"group_ids": ["G" * 65]},
        {"group_ids": ["G0001"], "as_of": "3 January"},
        {"group_ids": ["G0001"], "model": "x"},
        {"group_ids": ["G"] * 10_001},
    ],
)
def test_a_malformed_question_is_refused_without_sending_it_back(service, wrong):
    answer = service.post("/v1/scores", json=wrong)

    assert answer.status_code == 422
    assert {"where", "what"} == set(answer.json()["detail"][0])
    assert len(answer.content) < 2000


@pytest.mark.parametrize(
    "wrong", [{"as_of": "yesterday"}, {"limit": 0}, {"limit": 10_001}, {"level": "green"}]
)
def test_malformed_parameters_are_refused(service, wrong):
    assert service.get("/v1/scores", params=wrong).status_code == 422


def test_ten_thousand_ids_are_answered(service):
    answer = service.post("/v1/scores", json={"group_ids": ["G0001"] * 10_000})

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 10_000


def chunks_of(size):
    yield b'{"group_ids": ["'
    for _ in range(size // 65_536):
        yield b"G" * 65_536


def test_more_than_ten_mebibytes_are_refused_announced_or_not(service):
    headers = {"content-type": "application/json"}
    announced = service.post("/v1/scores", content=b" " * (11 * 2**20), headers=headers)
    streamed = service.post("/v1/scores", content=chunks_of(11 * 2**20), headers=headers)

    assert (announced.status_code, streamed.status_code) == (413, 413)


@pytest.fixture
def scores_only(batch):
    return replace(batch, frames={"group_score": batch.frames["group_score"].head(20)})


def test_the_last_good_batch_is_served_while_the_store_is_damaged(scores_only, tmp_path):
    store = PublishedStore(tmp_path)
    batch_id = store.publish(scores_only)
    service = TestClient(create_app(store))
    assert service.get("/v1/scores").status_code == 200

    (tmp_path / "CURRENT.json").write_text("{")

    assert service.get("/v1/scores").json()["batch_id"] == batch_id
    health = service.get("/health").json()
    assert (health["status"], health["batch_id"]) == ("degraded", batch_id)
    assert "CURRENT.json is damaged" in health["problem"]
    assert TestClient(create_app(store)).get("/v1/scores").status_code == 503


def test_a_new_batch_is_served_as_soon_as_the_pointer_moves(scores_only, tmp_path):
    store = PublishedStore(tmp_path)
    store.publish(scores_only)
    service = TestClient(create_app(store))
    service.get("/v1/scores")
    (tmp_path / "CURRENT.json").unlink()
    assert service.get("/v1/scores").status_code == 404

    store.publish(scores_only)

    assert service.get("/v1/scores").status_code == 200


def test_nothing_is_loaded_from_elsewhere(service):
    assert service.get("/docs").status_code == 404
    assert service.get("/redoc").status_code == 404
    text = json.dumps(service.get("/openapi.json").json())
    assert "/v1/scores" in text
    assert "http://" not in text
    assert "https://" not in text

"""The batch scoring service: what was published, by day and by group, for other systems."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from serving.answers import MOST_ROWS, Health, Level, Question, Result, Results, Scores
from serving.errors import NoBatch, StoreError
from serving.scored import ScoredBatch, ScoredBatches
from serving.store import PublishedStore

MOST_BYTES = 10 * 1024 * 1024
MOST_PROBLEMS = 20

Day = Annotated[date | None, Query(description="Knowledge day of the batch; the newest if absent.")]


def create_app(store: PublishedStore) -> FastAPI:
    """The service over one store; it reads what is published and changes nothing."""
    app = FastAPI(
        title="groupchurn scores",
        # The pages of docs_url and redoc_url load scripts from elsewhere; no call leaves here.
        docs_url=None,
        redoc_url=None,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BYTES)
    app.add_exception_handler(NoBatch, _no_batch)
    app.add_exception_handler(StoreError, _damaged)
    app.add_exception_handler(RequestValidationError, _malformed)
    batches = ScoredBatches(store)

    @app.get("/health")
    def health() -> Health:
        """Whether the service answers, and from which batch."""
        return _health(batches)

    @app.get("/v1/scores")
    def scores(
        as_of: Day = None,
        level: Level | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1000,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Scores:
        """Scores of a batch, the riskiest first."""
        batch = batches.of(as_of)
        found = [score for score in batch.by_group.values() if level in (None, score.level)]
        return Scores(
            batch_id=batch.batch_id,
            as_of=batch.as_of,
            total=len(found),
            limit=limit,
            offset=offset,
            scores=found[offset : offset + limit],
        )

    @app.post("/v1/scores")
    def look_up(question: Question) -> Results:
        """Scores of the groups asked for, and a status for each."""
        batch = batches.of(question.as_of)
        results = [_result(group_id, batch) for group_id in question.group_ids]
        return Results(batch_id=batch.batch_id, as_of=batch.as_of, results=results)

    return app


def _result(group_id: str, batch: ScoredBatch) -> Result:
    if group_id in batch.by_group:
        return Result(group_id=group_id, status="ok", score=batch.by_group[group_id])
    if group_id in batch.not_scored:
        return Result(group_id=group_id, status="not_scored", why=batch.not_scored[group_id])
    why = f"no group of this id is in the batch of {batch.as_of}"
    return Result(group_id=group_id, status="unknown_group", why=why)


def _health(batches: ScoredBatches) -> Health:
    try:
        batch = batches.of(None)
    except NoBatch:
        return Health(status="nothing_published")
    except StoreError as error:
        return Health(status="degraded", problem=str(error))
    return Health(
        status="degraded" if batches.problem else "ok",
        batch_id=batch.batch_id,
        as_of=batch.as_of,
        problem=batches.problem,
    )


def _no_batch(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=404)


def _damaged(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503)


def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Where the request is wrong and why, without sending its content back."""
    problems = error.errors() if isinstance(error, RequestValidationError) else ()
    found = [{"where": list(one["loc"]), "what": one["msg"]} for one in problems[:MOST_PROBLEMS]]
    return JSONResponse({"detail": found}, status_code=422)

"""Prefect's door: plain functions become flows and tasks here, and nowhere else.

A flow is a function whose body calls ``step("name", function, ...)``. In a notebook or a test it is
just that function; run by ``run_flow`` each step is a task of a Prefect flow. A flow called by
another flow is a step too, so that one command starts one server.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pipelines import console
from pipelines.temporary_server import temporary_server

if TYPE_CHECKING:
    from prefect import Flow

P = ParamSpec("P")
T = TypeVar("T")

API_URL = "PREFECT_API_URL"
_SECONDS_TO_DELIVER = 10
_BEFORE_IMPORT = {
    "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_ROOT_LEVEL": "ERROR",
    # An error is told once, by the command; Prefect would print its trace twice before that.
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "CRITICAL",
}


def step(name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call ``function``: as a task where a Prefect flow is running, just so where none is.

    Prefect sees the name and how it ended, never the arguments or the result.

    Args:
        name: What the step does, in a few words; shown to the person who waits.
        function: Any function.
    """
    with console.stage(name):
        if not _in_a_flow():
            return function(*args, **kwargs)
        return _as_task(name, [partial(function, *args, **kwargs)])


def _as_task(name: str, work: list[partial[T]]) -> T:
    """Run and forget ``work``: Prefect keeps a task and its result to the end of the process, so
    neither the arguments nor what is returned may pass through its hands."""
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    done: list[T] = []

    @task(name=name, cache_policy=NO_CACHE)
    def run() -> None:
        done.append(work.pop()())

    run()
    return done.pop()


def run_flow(function: Callable[..., T], parameters: Mapping[str, object], home: Path) -> T:
    """Run ``function`` as a Prefect flow and return what it returns.

    Runs are recorded in ``home/prefect``, by a server that lives as long as this call, or by the
    server that the environment variable PREFECT_API_URL names.

    Args:
        function: A flow, see above.
        parameters: Its arguments by name; Prefect records them, so no personal data.
        home: Where all state lives.

    Raises:
        Exception: Whatever ``function`` raises, as it was raised.
    """
    with _server(home / "prefect") as (url, wait):
        flow = flow_of(function)
        from prefect.settings import (
            PREFECT_API_URL,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
            temporary_settings,
        )

        wait()
        # A heartbeat is for servers that watch many runs, and would cost each flow a second.
        with temporary_settings({PREFECT_API_URL: url, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            try:
                return call(flow, parameters, inspect.signature(function))
            finally:
                _deliver_events()


def call(
    function: Callable[..., T],
    parameters: Mapping[str, object],
    signature: inspect.Signature | None = None,
) -> T:
    """Call ``function`` with arguments by name, those before ``/`` in its signature too."""
    given = (signature or inspect.signature(function)).bind_partial()
    given.arguments.update(parameters)
    return function(*given.args, **given.kwargs)


def flow_of(function: Callable[..., T]) -> Flow[..., T]:
    """``function`` as a Prefect flow, for a run or for a deployment."""
    _quiet_prefect()
    from prefect import flow

    name = function.__name__.replace("_", "-")
    return flow(name=name, persist_result=False, result_serializer="json")(function)


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a server and how to wait until it answers."""
    _quiet_prefect()
    os.environ.setdefault("PREFECT_HOME", str(folder.absolute()))
    if given := os.environ.get(API_URL):
        yield given, lambda: None
        return
    with temporary_server(folder) as server:
        yield server.url, server.wait


def _deliver_events() -> None:
    """Send what Prefect still holds back; after the server's end it would try for minutes."""
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all(timeout=_SECONDS_TO_DELIVER, at_exit=False)


def _quiet_prefect() -> None:
    """Say how Prefect shall behave; it reads this once, when it is imported."""
    for name, value in _BEFORE_IMPORT.items():
        os.environ.setdefault(name, value)


def _in_a_flow() -> bool:
    context: Any = sys.modules.get("prefect.context")
    return context is not None and context.FlowRunContext.get() is not None

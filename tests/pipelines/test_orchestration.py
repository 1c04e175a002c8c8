"""Plain functions as Prefect flows: one server, tasks by name, errors as they were raised."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import time
import weakref
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import GateError
from pipelines.orchestration import run_flow, step


def doubled(number: int) -> int:
    return 2 * number


def inner(number: int) -> int:
    """A flow that another flow calls."""
    return step("double again", doubled, number)


def outer(number: int, /, as_of: date, home: Path = Path("var")) -> tuple[int, date]:
    """A flow of two steps."""
    return step("inner", inner, step("double", doubled, number)), as_of


class Frame:
    """Stands for something large."""


def frugal() -> bool:
    """A flow that no longer needs what one step has made for another."""
    frame = step("make", Frame)
    step("use", repr, frame)
    alive = weakref.ref(frame)
    del frame
    gc.collect()
    return alive() is None


def refused(home: Path = Path("var")) -> None:
    """A flow whose step a gate refuses."""
    step("gate", _refuse)


def _refuse() -> None:
    raise GateError("The gate says no.")


def test_without_a_flow_a_step_is_a_call() -> None:
    assert outer(3, date(2011, 1, 3)) == (2 * 2 * 3, date(2011, 1, 3))
    with pytest.raises(GateError):
        refused()


@pytest.mark.server
@pytest.mark.slow
def test_a_flow_returns_what_its_function_returns_and_records_its_steps(
    prefect_home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = {"number": 3, "as_of": date(2011, 1, 3), "home": tmp_path}

    assert run_flow(outer, given, tmp_path) == (12, date(2011, 1, 3))

    steps = {("double", "COMPLETED"), ("inner", "COMPLETED"), ("double again", "COMPLETED")}
    assert _recorded(prefect_home, "outer", len(steps)) == steps
    assert capfd.readouterr() == ("", "")


@pytest.mark.server
@pytest.mark.slow
def test_prefect_keeps_nothing_alive_that_a_flow_has_done_with(
    prefect_home: Path, tmp_path: Path
) -> None:
    assert run_flow(frugal, {}, tmp_path)


@pytest.mark.server
@pytest.mark.slow
def test_an_error_comes_out_as_it_was_raised_and_prefect_stays_silent(
    prefect_home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GateError, match="The gate says no") as raised:
        run_flow(refused, {"home": tmp_path}, tmp_path)

    assert raised.value.exit_code == 3
    assert _recorded(prefect_home, "refused", 1) == {("gate", "FAILED")}
    assert capfd.readouterr() == ("", "")


@pytest.mark.server
@pytest.mark.slow
def test_a_server_ends_with_its_parent_even_a_killed_one(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from pipelines.temporary_server import temporary_server\n"
        "with temporary_server(Path(sys.argv[1])) as server:\n"
        "    print(server.process.pid, flush=True)\n"
        "    time.sleep(100)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        server = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 60
    while _runs(server) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(server)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"  # an orphan that nobody has buried yet


def _recorded(folder: Path, flow: str, ended: int) -> set[tuple[str, str]]:
    """Names and states of the tasks of a flow, once so many have ended: they are written later."""
    query = """
        SELECT task_run.name, task_run.state_type FROM task_run
        JOIN flow_run ON flow_run.id = task_run.flow_run_id
        JOIN flow ON flow.id = flow_run.flow_id WHERE flow.name = ?
    """
    deadline = time.monotonic() + 20
    while True:
        with closing(sqlite3.connect(folder / "prefect.db")) as database:
            rows = database.execute(query, (flow,)).fetchall()
        found = {(name.rpartition("-")[0], state) for name, state in rows}
        over = [state for _, state in found if state in ("COMPLETED", "FAILED")]
        if len(over) == ended or time.monotonic() > deadline:
            return found
        time.sleep(0.2)

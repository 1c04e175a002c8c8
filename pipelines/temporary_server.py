"""A Prefect server of our own for as long as one command runs.

Prefect can start one itself, but only after importing the whole server a second time and with a
process that outlives a killed parent. Started here it comes up while the command still imports its
own libraries, and it ends when its parent does, however the parent ends.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import GroupchurnError

_LOOPBACK = "127.0.0.1"
_SECONDS_TO_START = 180
_SECONDS_TO_STOP = 10
_SERVER_ONLY = {
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_SERVER_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


@dataclass(frozen=True)
class Server:
    """A server that was started and may still be coming up."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Return when the server answers.

        Raises:
            GroupchurnError: It ended, or did not answer in three minutes.
        """
        try:
            # The socket is open already, so this waits for the answer and needs no polling.
            address = f"{self.url}/health"
            with urllib.request.urlopen(address, timeout=_SECONDS_TO_START):  # noqa: S310
                return
        except (urllib.error.URLError, OSError) as error:
            raise GroupchurnError(
                f"The temporary Prefect server did not come up ({error}). What it said is in "
                f"{self.log}. If its database is damaged, remove {self.log.parent}: it holds only "
                "the record of past runs."
            ) from error


@contextmanager
def temporary_server(folder: Path) -> Iterator[Server]:
    """Start a server on a free port of the loopback, its database and log in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with socket.create_server((_LOOPBACK, 0)) as listening, log.open("wb") as output:
        port = listening.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", __name__, str(listening.fileno())],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[listening.fileno()],
            env=_environment(folder),
            start_new_session=True,  # Ctrl-C is for the command, which then ends the server
        )
    try:
        yield Server(f"http://{_LOOPBACK}:{port}/api", log, process)
    finally:
        _stop(process)


def _environment(folder: Path) -> dict[str, str]:
    """For the server: our packages are found, and no folder that happens to be called like them."""
    ours = str(Path(__file__).parents[1])
    path = os.pathsep.join(filter(None, [ours, os.environ.get("PYTHONPATH")]))
    own = {"PREFECT_HOME": str(folder.absolute()), "PYTHONPATH": path}
    return {**os.environ, **_SERVER_ONLY, **own}


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _serve(listening: socket.socket) -> None:
    """Serve until standard input closes, which the system sees to when the parent is gone."""
    import uvicorn

    application = "prefect.server.api.server:create_app"
    config = uvicorn.Config(application, factory=True, log_level="error")
    server = uvicorn.Server(config)

    def stop_with_the_parent() -> None:
        os.read(0, 1)  # not sys.stdin, whose lock would be held when the interpreter ends
        if not config.loaded:  # still importing: nothing is open yet
            os._exit(0)
        server.should_exit = True

    threading.Thread(target=stop_with_the_parent, daemon=True).start()
    server.run(sockets=[listening])


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # all is written; tidying the interpreter away would take another second

"""Serve: the published scores for other systems, over HTTP."""

from __future__ import annotations

from pathlib import Path

from pipelines.storage import Home


def serve(host: str = "127.0.0.1", port: int = 8321, home: Path = Path("var")) -> None:
    """Answer GET /health, GET /v1/scores and POST /v1/scores from the published batches.

    Args:
        host: Address to listen on; the default answers this machine only.
        port: Port to listen on.

    Example:
        groupchurn serve --port 8321
    """
    import uvicorn

    from serving.api import create_app
    from serving.store import PublishedStore

    uvicorn.run(create_app(PublishedStore(Home(home).published)), host=host, port=port)

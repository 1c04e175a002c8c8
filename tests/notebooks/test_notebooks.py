"""Notebooks run from top to bottom, show what they promise, and are stored without results."""

from __future__ import annotations

import ast
import sys
from base64 import b64decode
from pathlib import Path

import nbformat
import pytest
from ipykernel import kernelspec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
every_notebook = pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem
)


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """The kernel python3 is this very interpreter and leaves nothing in the user's home."""
    kernelspec.install(prefix=str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    for name in (*jupyter, "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def run(notebook: NotebookNode) -> None:
    place = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, kernel_name="python3", timeout=120, resources=place).execute()


def pictures(notebook: NotebookNode) -> list[bytes]:
    return [
        b64decode(output.data["image/png"])
        for cell in code_cells(notebook)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def printed(notebook: NotebookNode) -> str:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "".join(output.text for output in outputs if output.get("name") == "stdout")


@every_notebook
def test_a_notebook_is_stored_without_results(path):
    notebook = read(path)

    nbformat.validate(notebook)
    for cell in code_cells(notebook):
        assert (cell.outputs, cell.execution_count) == ([], None)


@every_notebook
def test_a_notebook_imports_and_never_defines(path):
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

    for cell in code_cells(read(path)):
        defined = [node for node in ast.walk(ast.parse(cell.source)) if type(node) in definitions]
        assert defined == [], cell.source


@pytest.mark.slow
@pytest.mark.server
@every_notebook
def test_a_notebook_runs_and_draws(path, trained_home, kernels, monkeypatch):
    monkeypatch.setenv("GROUPCHURN_HOME", str(trained_home))
    notebook = read(path)
    shown = sum(cell.source.count("plt.show()") for cell in code_cells(notebook))
    notebook.cells.append(nbformat.v4.new_code_cell("import sys; print(sys.executable)"))

    run(notebook)

    assert printed(notebook).endswith(f"{sys.executable}\n")
    drawn = pictures(notebook)
    assert len(drawn) == shown > 0
    for picture in drawn:
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 10_000  # an empty figure has some 3,000 bytes


@pytest.mark.server
@every_notebook
def test_a_home_without_a_list_is_named_in_one_sentence(path, tmp_path, kernels, monkeypatch):
    monkeypatch.setenv("GROUPCHURN_HOME", str(tmp_path / "empty"))

    with pytest.raises(CellExecutionError) as failed:
        run(read(path))

    said = f"No list of groups is published in {tmp_path / 'empty'}: run `make demo` first"
    assert failed.value.ename == "SystemExit"
    assert failed.value.evalue.startswith(said)

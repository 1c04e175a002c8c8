"""From a function to a command: its parameters are the options, its docstring is the help.

Parameters before ``/`` in the signature are arguments of the command, the others are options. The
docstring is in three parts: what the command does, ``Args:`` (the help of each option) and
``Example:``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

DEFAULT_HOME = Path("var")

Function = Callable[..., Any]

_HEADING = re.compile(r"^(Args|Returns|Raises|Example|Source):\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w+): ", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command that is imported only when somebody calls it or asks for its help.

    Attributes:
        target: Where its function is, as ``module:function``.
        summary: One line for the list of commands.
        flow: Whether it runs as a Prefect flow; look-ups do not.
    """

    target: str
    summary: str
    flow: bool = False

    def load(self) -> Function:
        """The function itself; importing its module may take a second."""
        module, _, name = self.target.partition(":")
        function: Function = getattr(import_module(module), name)
        return function


@dataclass(frozen=True)
class Given:
    """The options that every command has."""

    home: Path
    config: Path | None
    json: bool
    quiet: bool
    debug: bool


Run = Callable[[Given, Mapping[str, object]], None]


def command_line(name: str, function: Function, run: Run) -> Any:
    """A Typer command that calls ``run`` with the common options and those of ``function``."""
    own = _own_parameters(function)
    takes = inspect.signature(function).parameters.keys()

    def invoke(**values: Any) -> None:
        common = {option.name: values.pop(option.name) for option in _COMMON}
        shared: dict[str, object] = {k: common[k] for k in ("home", "config") if k in takes}
        run(Given(**common), {**values, **shared})

    parameters = [*own, *_COMMON]
    invoke.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    vars(invoke)["__signature__"] = inspect.Signature(parameters)
    parts = docstring(function)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, help=parts["help"], epilog=_verbatim("Example", parts["Example"]))(invoke)
    return typer.main.get_command(app)


def docstring(function: Function) -> dict[str, str]:
    """The docstring's parts: ``help`` (all before the first heading), ``Args``, ``Example``."""
    first, *rest = _HEADING.split(inspect.getdoc(function) or "")
    parts = {name: inspect.cleandoc(text) for name, text in zip(rest[::2], rest[1::2], strict=True)}
    return {"help": first.strip(), "Args": "", "Example": "", **parts}


def option_help(function: Function) -> dict[str, str]:
    """What the docstring says of each parameter."""
    _, *entries = _ENTRY.split(docstring(function)["Args"])
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return {name: " ".join(text.split()) for name, text in pairs}


def _own_parameters(function: Function) -> list[inspect.Parameter]:
    hints = get_type_hints(function)
    texts = option_help(function)
    common = {option.name for option in _COMMON}
    return [
        _parameter(parameter, hints[name], texts.get(name))
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in common
    ]


def _parameter(parameter: inspect.Parameter, hint: Any, text: str | None) -> inspect.Parameter:
    day = date in (hint, *getattr(hint, "__args__", ()))
    parse = _day if day else None
    if parameter.kind is parameter.POSITIONAL_ONLY:
        annotation: Any = Annotated[hint, typer.Argument(help=text, parser=parse)]
    else:
        flag = f"--{parameter.name.replace('_', '-')}"
        metavar = "YYYY-MM-DD" if day else None
        annotation = Annotated[hint, typer.Option(flag, help=text, parser=parse, metavar=metavar)]
    return parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=annotation)


def _day(text: str | date) -> date:
    if isinstance(text, date):  # a default
        return text
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise typer.BadParameter(f"{text!r} is no day; write YYYY-MM-DD, such as 2011-01-13")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"there is no day {text} ({error})") from error


def _common(name: str, hint: Any, default: object, text: str, **more: Any) -> inspect.Parameter:
    annotation = Annotated[hint, typer.Option(f"--{name}", help=text, **more)]
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


_COMMON = (
    _common("home", Path, DEFAULT_HOME, "Where all state lives.", envvar="GROUPCHURN_HOME"),
    _common("config", Path | None, None, "A TOML file that overrides some settings."),
    _common("json", bool, False, "Print the result as JSON on standard output."),
    _common("quiet", bool, False, "No talk and no progress on standard error."),
    _common("debug", bool, False, "Show the trace of an unexpected error."),
)


def _verbatim(title: str, text: str) -> str | None:
    """``text`` under a title, its lines as they are."""
    lines = "\n".join(f"  {line}" for line in text.splitlines())
    return f"\b\n{title}:\n{lines}" if text else None

"""The command line: every command, the function behind it, and what becomes of its errors.

A command's options are its function's parameters (see ``commands``), and its function is imported
only when it is called. To read on from a command, open the module that its row names.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.commands import Command, Function, Given, command_line

COMMANDS: Mapping[str, Command] = {
    "demo": Command(
        "pipelines.demo:demo", "All steps below on a simulated county, to a risk list.", flow=True
    ),
    "simulate": Command(
        "pipelines.simulate:simulate", "Make up an operator's extracts, with the truth.", flow=True
    ),
    "ingest": Command(
        "pipelines.ingest:ingest", "Check extracts by contract, quarantine, store.", flow=True
    ),
    "pretrain": Command(
        "pipelines.pretrain:pretrain", "Learn from simulated worlds, ahead of `train`.", flow=True
    ),
    "train": Command(
        "pipelines.train:train", "Fit, calibrate, evaluate and log models.", flow=True
    ),
    "tune": Command("pipelines.tune:tune", "Search for better knobs of the trees.", flow=True),
    "score": Command("pipelines.score:score", "Risk and reasons of every group.", flow=True),
    "publish": Command("pipelines.publish:publish", "Make the risk list public.", flow=True),
    "run": Command("pipelines.run:run", "Ingest, score and publish.", flow=True),
    "feedback": Command("pipelines.feedback:feedback", "Take a filled-in list back."),
    "evaluate": Command(
        "pipelines.evaluate:evaluate", "In a simulated world: scores beside the best possible."
    ),
    "backtest": Command(
        "pipelines.backtest:backtest", "What lists of the past would have caught.", flow=True
    ),
    "explain": Command("pipelines.explain:explain", "Why a group is at risk, in words."),
    "cases list": Command("pipelines.cases:list_cases", "Open cases, the most urgent first."),
    "cases show": Command("pipelines.cases:show_case", "A case, and all that happened to it."),
    "cases take": Command("pipelines.case_entries:take", "Take a case on."),
    "cases contact": Command(
        "pipelines.case_entries:contact", "Say that the group was spoken with."
    ),
    "cases act": Command("pipelines.case_entries:act", "Say what was done for the group."),
    "cases snooze": Command("pipelines.case_entries:snooze", "Put a case aside until a day."),
    "cases escalate": Command("pipelines.case_entries:escalate", "Pass a case up."),
    "cases close": Command("pipelines.case_entries:close", "Close a case."),
    "cases tick": Command("pipelines.cases:tick", "Wake, pass up and expire what is due."),
    "cases verify": Command("pipelines.verification:verify", "Let the data judge and close cases."),
    "cases export": Command("pipelines.cases:export", "Cases as tables, for `ingest`."),
    "report loop": Command("pipelines.loop:report_loop", "What the lists saved, by the holdout."),
    "report kpi": Command("pipelines.kpi:report_kpi", "Where each KPI stands beside the time."),
    "serve": Command("pipelines.serve:serve", "Answer other systems over HTTP."),
    "doctor": Command("pipelines.doctor:doctor", "Is everything here that is needed?"),
    "contracts list": Command("pipelines.look_up:list_contracts", "All tables."),
    "contracts show": Command("pipelines.look_up:show_contract", "Columns and rules of a table."),
    "features list": Command("pipelines.look_up:list_features", "All features."),
    "features show": Command("pipelines.look_up:show_feature", "What a feature means."),
    "features dictionary": Command(
        "pipelines.look_up:show_dictionary", "All features, as a page of Markdown."
    ),
    "features audit": Command(
        "pipelines.audit:audit_features", "Does any feature know too much? Names leaks."
    ),
    "models list": Command("pipelines.model_commands:list_models", "Registered models."),
    "models compare": Command(
        "pipelines.model_commands:compare", "Two versions side by side, and who moved on the list."
    ),
    "models promote": Command(
        "pipelines.promote:promote", "Let a version score, if it is surely better."
    ),
    "models rollback": Command("pipelines.promote:rollback", "Let the former champion score."),
    "config show": Command("pipelines.look_up:show_config", "All settings and where they are set."),
}

GROUPS: Mapping[str, str] = {
    "cases": "What became of alerts.",
    "contracts": "What data must look like.",
    "features": "What is known of a member or a group.",
    "models": "What was trained.",
    "report": "What to tell those who lead.",
    "config": "The settings that hold.",
}


class LazyGroup(TyperGroup):
    """Commands by name and summary; the one that is called is imported then."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` name, with its options."""
        name, found, rest = super().resolve_command(ctx, args)
        path = f"{self.name or ''} {name}".strip()
        if path in COMMANDS:
            found = _loaded(path, COMMANDS[path])
        return name, found, rest


def _loaded(path: str, command: Command) -> Any:
    function = command.load()

    def run(given: Given, parameters: Mapping[str, object]) -> None:
        _run(path, command, function, given, parameters)

    return command_line(path.split()[-1], function, run)


def _run(
    path: str, command: Command, function: Function, given: Given, parameters: Mapping[str, object]
) -> None:
    """Run a command: its result to standard output, everything else to standard error."""
    from pipelines import console, failures

    talking = console.talking(on=not given.quiet)
    try:
        with talking, warnings.catch_warnings(), redirect_stdout(sys.stderr):
            if not given.debug:
                warnings.simplefilter("ignore")
            result = _result(command, function, given, parameters)
        (console.show_json if given.json else console.show)(result)
    except Exception as error:
        code = failures.tell(error, path, given.home, debug=given.debug)
        failures.let_go(error)
        raise typer.Exit(code) from None
    raise typer.Exit(getattr(result, "exit_code", 0))


def _result(
    command: Command, function: Function, given: Given, parameters: Mapping[str, object]
) -> object:
    from pipelines.orchestration import call, run_flow

    if command.flow:
        return run_flow(function, parameters, given.home)
    return call(function, parameters)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"groupchurn {version('groupchurn')}")
        raise typer.Exit


def application() -> typer.Typer:
    """The whole command line, nothing of it imported yet."""

    def plain(text: str, name: str | None = None) -> typer.Typer:
        return typer.Typer(
            name=name,
            cls=LazyGroup,
            help=text,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )

    application = plain("Which business customers are about to move to a rival, why, what to do.")
    groups = {name: plain(text, name) for name, text in GROUPS.items()}
    for path, command in COMMANDS.items():
        group, _, name = path.rpartition(" ")
        (groups[group] if group else application).command(name, help=command.summary)(_unloaded)
    for group, members in groups.items():
        application.add_typer(members, name=group)

    @application.callback()
    def options(
        version: Annotated[
            bool,
            typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
        ] = False,
    ) -> None:
        """What stands before a command."""

    return application


def _unloaded() -> None:
    """Stands in for a command until it is called."""


def main() -> None:
    """Run the command that the shell's words name, and exit with its code."""
    application()(prog_name="groupchurn")


if __name__ == "__main__":
    main()

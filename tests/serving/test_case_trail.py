"""What was recorded stays: the trail, two writers at once, a writer that is killed, versions."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from casebooks import NOON, book as book, listed, rules, where as where

from serving.casebook import opening, pen
from serving.casebook.book import Casebook
from serving.casebook.entries import Contact
from serving.casebook.export import frames
from serving.casebook.schema import CASES, METADATA, SUBJECTS, TRAIL, from_json
from serving.errors import CasebookError

TESTS = Path(__file__).parents[1]


def ask(book, statement):
    with book.engine.begin() as connection:
        connection.execute(sa.text(statement))


def rows(book, table):
    with book.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET by_whom = 'somebody'",
        "UPDATE trail SET seq = seq + 100",
        "DELETE FROM trail",
        "DELETE FROM trail WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_the_trail(book, statement):
    book.open_cases(listed(("G1", "red")))
    before = rows(book, TRAIL)

    with pytest.raises(sa.exc.DatabaseError, match="the audit trail cannot be changed"):
        ask(book, statement)
    assert rows(book, TRAIL) == before


def test_the_trail_can_neither_be_emptied_nor_overwritten(book):
    book.open_cases(listed(("G1", "red")))
    before = rows(book, TRAIL)
    columns = ", ".join(TRAIL.columns.keys())
    other = "TRUNCATE trail"
    if book.engine.dialect.name == "sqlite":
        other = f"INSERT OR REPLACE INTO trail ({columns}) SELECT {columns} FROM trail"

    with pytest.raises(sa.exc.DatabaseError, match="the audit trail cannot be changed"):
        ask(book, other)
    assert rows(book, TRAIL) == before


def test_every_row_can_be_told_from_the_trail_alone(book):
    book.open_cases(listed(("G1", "red"), ("G2", "yellow")))
    book.record(Contact(event_id="e", case_id="20110103-G1", by="S1", at=NOON + timedelta(days=1)))
    book.tick(NOON + timedelta(days=4))
    told = {subject: {} for subject in SUBJECTS}
    for entry in rows(book, TRAIL):
        table = SUBJECTS[entry["subject"]]
        state = told[entry["subject"]].setdefault(
            entry["subject_id"], dict.fromkeys(table.columns.keys())
        )
        was = from_json(entry["before"], table)
        assert {name: state[name] for name in was} == was
        state.update(from_json(entry["after"], table))

    for subject, table in SUBJECTS.items():
        assert sorted(told[subject].values(), key=str) == sorted(rows(book, table), key=str)


def test_times_on_the_trail_only_rise_whatever_is_handed_in(book):
    book.open_cases(listed(("G1", "red"), ("G2", "red")), at=NOON)
    book.close_case("20110103-G2", "x", by="S1", at=NOON + timedelta(days=5))
    earlier = NOON + timedelta(days=1)
    book.record(Contact(event_id="e", case_id="20110103-G1", by="S1", at=earlier))

    recorded = [entry["recorded_at"] for entry in rows(book, TRAIL)]
    assert recorded == sorted(set(recorded))
    last = book.trail("20110103-G1")[-1]
    assert (last["happened_at"], last["recorded_at"] > NOON + timedelta(days=5)) == (earlier, True)


def test_the_migrations_build_what_the_code_expects(book):
    with book.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []


def test_a_casebook_of_newer_code_is_refused_and_not_touched(book, where):
    ask(book, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(CasebookError, match=r"written by newer code .*9999.*update groupchurn"):
        Casebook.open(where, rules())
    with book.engine.connect() as connection:
        left = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert left == "9999"


def test_what_cannot_be_opened_is_said_without_the_password():
    url = "postgresql://me:secret@127.0.0.1:1/none"
    with pytest.raises(CasebookError, match="cannot be opened") as told:
        Casebook.open(url, rules())
    assert "secret" not in str(told.value)
    with pytest.raises(CasebookError, match="cannot be kept in mysql"):
        Casebook.open("mysql://me@host/x", rules())


def test_several_that_open_a_new_casebook_at_once_build_it_once(where):
    with ThreadPoolExecutor(6) as pool:
        books = list(pool.map(lambda _: Casebook.open(where, rules()), range(6)))

    assert all(book.cases().empty for book in books)


def test_several_that_take_in_the_same_list_at_once_open_each_case_once(where):
    Casebook.open(where, rules()).close()
    wanted = listed(*((f"G{number}", "red") for number in range(20)))

    def take_in(_):
        with Casebook.open(where, rules()) as book:
            return book.open_cases(wanted)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(take_in, range(4)))

    assert sorted(one.opened for one in done) == [0, 0, 0, 20]
    with Casebook.open(where, rules()) as book:
        assert len(book.cases()) == 20


RECORD = """
import sys
from datetime import timedelta
from casebooks import NOON, rules
from serving.casebook.book import Casebook
from serving.casebook.entries import Action
where, who = sys.argv[1:]
with Casebook.open(where, rules()) as book:
    for number in range(15):
        for event in (f"{who}-{number}", f"both-{number}"):
            book.record(Action(event_id=event, case_id="20110103-G1", by="S1", cost_fen=1,
                               at=NOON + timedelta(hours=number + 1), action_code="KEY_VISIT"))
"""


def started(code, *words):
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=TESTS.parent,
        env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_record_at_once_lose_nothing_and_double_nothing(book, where):
    book.open_cases(listed(("G1", "red")))
    running = [started(RECORD, where, who) for who in ("one", "two")]
    for process in running:
        _, wrong = process.communicate(timeout=100)
        assert process.returncode == 0, wrong

    # Fifteen entries of each, and fifteen that both of them sent.
    assert book.case("20110103-G1")["cost_fen"] == 3 * 15
    entries = [row["event_id"] for row in rows(book, TRAIL) if row["event_id"]]
    assert len(entries) == len(set(entries)) == 3 * 15
    numbers = sorted(row["seq"] for row in rows(book, TRAIL))
    assert numbers == list(range(1, len(numbers) + 1))


KILLED = """
import sys, time
from casebooks import listed, rules
from serving.casebook import pen
from serving.casebook.book import Casebook
where, last = sys.argv[1], int(sys.argv[2])
written, count = pen.Pen.write, 0

def write(*arguments, **more):
    global count
    count += 1
    if count == last:
        print("there", flush=True)
        time.sleep(600)
    return written(*arguments, **more)

pen.Pen.write = write
with Casebook.open(where, rules()) as book:
    book.open_cases(listed(*((f"G{n}", "red") for n in range(40))))
    print("there", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize(("last", "left"), [(2, 0), (60, 0), (121, 0), (9999, 40)])
def test_a_writer_that_is_killed_leaves_all_or_nothing(book, where, last, left):
    """Forty cases are one campaign, forty treatments, and twice forty entries of their own."""
    process = started(KILLED, where, str(last))
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)

    assert len(book.cases()) == left
    assert len(rows(book, TRAIL)) == (1 + 3 * 40 if left else 0)
    again = book.open_cases(listed(*((f"G{n}", "red") for n in range(40))))
    assert (again.opened, again.known) == (40 - left, left)
    assert len(rows(book, TRAIL)) == 1 + 3 * 40


def test_an_error_in_the_middle_leaves_nothing(book, monkeypatch):
    written = pen.Pen.write
    count = 0

    def write(self, *arguments, **more):
        nonlocal count
        count += 1
        if count == 7:
            raise RuntimeError("the power went")
        return written(self, *arguments, **more)

    monkeypatch.setattr(opening.Pen, "write", write)
    with pytest.raises(RuntimeError):
        book.open_cases(listed(("G1", "red"), ("G2", "red"), ("G3", "red")))

    assert book.cases().empty
    assert rows(book, TRAIL) == []


def test_a_reader_is_not_kept_waiting_by_a_writer(book, monkeypatch):
    book.open_cases(listed(("G1", "red")))
    inside, go_on = threading.Event(), threading.Event()
    written = pen.Pen.write

    def write(self, *arguments, **more):
        inside.set()
        assert go_on.wait(20)
        return written(self, *arguments, **more)

    monkeypatch.setattr(pen.Pen, "write", write)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(book.close_case, "20110103-G1", "x", by="S1", at=NOON)
        assert inside.wait(20)
        assert book.case("20110103-G1")["state"] == "dispatched"
        assert len(frames(book)["alert_case"]) == 2
        go_on.set()
        waiting.result(timeout=20)

    assert book.case("20110103-G1")["state"] == "closed"


def test_the_database_itself_refuses_a_second_open_case_of_a_group(book):
    book.open_cases(listed(("G1", "red")))
    case = book.case("20110103-G1")

    with (
        pytest.raises(sa.exc.IntegrityError),
        book.engine.begin() as connection,
    ):
        connection.execute(sa.insert(CASES).values(**{**case, "case_id": "another"}))

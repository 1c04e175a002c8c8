"""The casebook as it began: cases, lists, treatments, and a trail that nobody can change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UNCHANGEABLE = "the audit trail cannot be changed"
_SQLITE = """
    CREATE TRIGGER trail_is_not_{verb}d BEFORE {statement} ON trail {condition}
    BEGIN SELECT RAISE(ABORT, '{told}'); END
"""
_TAKEN = "WHEN EXISTS (SELECT 1 FROM trail WHERE seq = NEW.seq OR event_id = NEW.event_id)"
"""INSERT OR REPLACE deletes the old row without asking the triggers."""
_POSTGRESQL = (
    f"""
    CREATE FUNCTION trail_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_UNCHANGEABLE}'; END $$
    """,
    """
    CREATE TRIGGER trail_is_not_changed BEFORE UPDATE OR DELETE ON trail
    FOR EACH ROW EXECUTE FUNCTION trail_is_not_changed()
    """,
    """
    CREATE TRIGGER trail_is_not_emptied BEFORE TRUNCATE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION trail_is_not_changed()
    """,
)


def upgrade() -> None:
    """Make the tables and guard the trail."""
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.String(length=40), nullable=False),
        sa.Column("action_code", sa.String(length=40), nullable=False),
        sa.Column("eligibility_rule_version", sa.String(length=100), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("campaign_id"),
    )
    op.create_table(
        "exports",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "after_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "up_to_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "lists",
        sa.Column("list_id", sa.String(length=80), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("list_id"),
    )
    op.create_table(
        "trail",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("event_id", sa.String(length=120), nullable=True),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by_whom", sa.String(length=80), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("event_id"),
    )
    op.create_index("trail_by_subject", "trail", ["subject", "subject_id", "seq"], unique=False)
    op.create_table(
        "treatments",
        sa.Column("treatment_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.String(length=40), nullable=False),
        sa.Column("assign_time", sa.DateTime(), nullable=False),
        sa.Column("arm", sa.String(length=8), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("assigned_by", sa.String(length=8), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.campaign_id"],
        ),
        sa.PrimaryKeyConstraint("treatment_id"),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.String(length=8), nullable=True),
        sa.Column("area_id", sa.String(length=40), nullable=True),
        sa.Column("county_id", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("is_holdout", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("treatment_id", sa.String(length=40), nullable=False),
        sa.Column("list_id", sa.String(length=80), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("last_as_of", sa.Date(), nullable=False),
        sa.Column("times_listed", sa.Integer(), nullable=False),
        sa.Column("absent_lists", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("trigger", sa.String(length=80), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.Column("dispatched_to", sa.String(length=40), nullable=True),
        sa.Column("also_to", sa.String(length=400), nullable=True),
        sa.Column("escalate_to", sa.String(length=40), nullable=True),
        sa.Column("planned_action", sa.String(length=40), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(), nullable=True),
        sa.Column("contact_due", sa.DateTime(), nullable=True),
        sa.Column("escalate_due", sa.DateTime(), nullable=True),
        sa.Column("feedback_due", sa.DateTime(), nullable=True),
        sa.Column("verify_due", sa.DateTime(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=True),
        sa.Column("contacted_at", sa.DateTime(), nullable=True),
        sa.Column("action_code", sa.String(length=40), nullable=True),
        sa.Column("action_at", sa.DateTime(), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.Column("feedback", sa.String(length=40), nullable=True),
        sa.Column("feedback_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("escalated_to", sa.String(length=40), nullable=True),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("escalated_for", sa.String(length=80), nullable=True),
        sa.Column("snoozed_from", sa.String(length=16), nullable=True),
        sa.Column("snoozed_at", sa.DateTime(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("snooze_reason", sa.Text(), nullable=True),
        sa.Column("verify_result", sa.String(length=20), nullable=True),
        sa.Column("verified_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["treatment_id"],
            ["treatments.treatment_id"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("cases_by_group", "cases", ["group_id"])
    op.create_index(
        "one_open_case_a_group",
        "cases",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "appearances",
        sa.Column("list_id", sa.String(length=80), nullable=False),
        sa.Column("group_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("became", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["cases.case_id"],
        ),
        sa.PrimaryKeyConstraint("list_id", "group_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)
        return
    for verb, condition in (("update", ""), ("delete", ""), ("replace", _TAKEN)):
        statement = "INSERT" if verb == "replace" else verb.upper()
        op.execute(
            _SQLITE.format(verb=verb, statement=statement, condition=condition, told=_UNCHANGEABLE)
        )


def downgrade() -> None:
    """Refused: what was recorded is never thrown away."""
    raise NotImplementedError("the casebook's database is never taken back to an older version")

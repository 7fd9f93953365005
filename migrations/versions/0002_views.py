"""Views for people who ask in SQL, and a role that can only read"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEWS = {
    "crash_history": (
        "Every crash with its place, defect, pattern and what became of it, newest first.",
        """
        SELECT crash.id AS crash_id, server.name AS server, crash.occurred_at, crash.kind, crash.signal, crash.code,
               crash.fault_address, crash.message, crash.location_function AS function, crash.location_file AS file,
               crash.location_line AS line, crash.signature, crash.severity, crash.category, crash.components,
               crash.is_bot_related, crash.build, crash.defect_id, crash.placement, pattern.slug AS pattern,
               match.score AS pattern_score, fix.id AS fix_id, fix.state AS fix_state, pull_request.url AS pull_request,
               dump.path AS dump
        FROM crash
        JOIN server ON server.id = crash.server_id
        JOIN dump ON dump.id = crash.dump_id
        LEFT JOIN match ON match.crash_id = crash.id
        LEFT JOIN pattern ON pattern.id = match.pattern_id
        LEFT JOIN LATERAL (
            SELECT fix.id, fix.state FROM fix WHERE fix.defect_id = crash.defect_id ORDER BY fix.id DESC LIMIT 1
        ) fix ON true
        LEFT JOIN pull_request ON pull_request.fix_id = fix.id
        ORDER BY crash.occurred_at DESC, crash.id DESC
        """,
    ),
    "crash_frame": (
        "The frames of each crashing thread, innermost first (frame 0).",
        """
        SELECT crash.id AS crash_id, (frame ->> 'index')::int AS frame, frame ->> 'function' AS function,
               frame ->> 'file' AS file, (frame ->> 'line')::int AS line, frame ->> 'module' AS module,
               (frame ->> 'inlined')::boolean AS is_inlined, frame ->> 'address' AS address
        FROM crash
        CROSS JOIN LATERAL jsonb_array_elements(crash.thread -> 'frames') AS frame
        """,
    ),
    "defect_summary": (
        "Each defect: how often, since when, which pattern, and the state of its newest fix.",
        """
        SELECT defect.id AS defect_id, defect.signature, defect.location AS function, defect.state,
               defect.crash_count, defect.first_seen, defect.last_seen, defect.first_build, defect.last_build,
               pattern.slug AS pattern, fix.id AS fix_id, fix.state AS fix_state, defect.route, defect.route_reason,
               pull_request.url AS pull_request
        FROM defect
        LEFT JOIN pattern ON pattern.id = defect.pattern_id
        LEFT JOIN LATERAL (
            SELECT fix.* FROM fix WHERE fix.defect_id = defect.id ORDER BY fix.id DESC LIMIT 1
        ) fix ON true
        LEFT JOIN pull_request ON pull_request.fix_id = fix.id
        WHERE defect.merged_into IS NULL
        """,
    ),
    "pattern_summary": (
        "The newest version of each pattern: crashes and defects that matched, and what its fixes came to.",
        """
        SELECT newest.slug AS pattern, newest.version, newest.title, newest.severity, newest.template,
               (SELECT count(*) FROM match JOIN pattern p ON p.id = match.pattern_id WHERE p.slug = newest.slug)
                   AS crashes,
               (SELECT count(*) FROM defect JOIN pattern p ON p.id = defect.pattern_id WHERE p.slug = newest.slug)
                   AS defects,
               (SELECT max(crash.occurred_at) FROM match JOIN crash ON crash.id = match.crash_id
                JOIN pattern p ON p.id = match.pattern_id WHERE p.slug = newest.slug) AS last_seen,
               (SELECT count(*) FROM fix JOIN pattern p ON p.id = fix.pattern_id WHERE p.slug = newest.slug) AS fixes,
               (SELECT count(*) FROM fix JOIN pattern p ON p.id = fix.pattern_id
                WHERE p.slug = newest.slug
                  AND fix.state IN ('PR_CREATED', 'AWAITING_APPROVAL', 'APPROVED', 'DEPLOYING', 'DEPLOYED'))
                   AS fixes_proven
        FROM (SELECT DISTINCT ON (slug) * FROM pattern ORDER BY slug, version DESC) newest
        """,
    ),
    "fix_success_rate": (
        "Fixes by route, template and pattern: how many proved themselves, were rejected or failed, and their share.",
        """
        SELECT route, coalesce(template, '') AS template, coalesce(slug, '') AS pattern, fixes, proven, rejected,
               failed,
               fixes - proven - rejected - failed AS in_progress,
               round(proven::numeric / nullif(proven + rejected + failed, 0), 4) AS success_rate
        FROM (
            SELECT fix.route, fix.template, pattern.slug, count(*) AS fixes,
                   count(*) FILTER (WHERE fix.state IN
                       ('PR_CREATED', 'AWAITING_APPROVAL', 'APPROVED', 'DEPLOYING', 'DEPLOYED')) AS proven,
                   count(*) FILTER (WHERE fix.state = 'REJECTED') AS rejected,
                   count(*) FILTER (WHERE fix.state = 'FAILED') AS failed
            FROM fix
            LEFT JOIN pattern ON pattern.id = fix.pattern_id
            GROUP BY fix.route, fix.template, pattern.slug
        ) counted
        """,
    ),
}

# A role belongs to the whole server: another database may have made it, and this user may not be allowed to.
CREATE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'crashflow_reader') THEN
        CREATE ROLE crashflow_reader LOGIN;
    END IF;
    EXECUTE format('GRANT crashflow_reader TO %I', current_user);
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role crashflow_reader was not made: % may not create roles', current_user;
END
$$
"""
GRANT_READING = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'crashflow_reader') THEN
        GRANT USAGE ON SCHEMA public TO crashflow_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO crashflow_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO crashflow_reader;
    END IF;
END
$$
"""
REVOKE_READING = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'crashflow_reader') THEN
        ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM crashflow_reader;
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM crashflow_reader;
        REVOKE ALL ON SCHEMA public FROM crashflow_reader;
    END IF;
END
$$
"""


def upgrade() -> None:
    for name, (comment, query) in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
        op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")
    op.execute(CREATE_ROLE)
    op.execute(GRANT_READING)


def downgrade() -> None:
    op.execute(REVOKE_READING)
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")

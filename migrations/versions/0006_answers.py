"""Views for what operators ask, answered from the daily counts"""

import importlib

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The interval of Wilson: of few tries a share says little, and an interval says how little.
SHARE_LOW = """
CREATE FUNCTION share_low(hits bigint, tries bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN tries > 0 THEN round(greatest(0, (
        hits::numeric / tries + 1.9208 / tries
        - 1.96 * sqrt((hits::numeric / tries) * (1 - hits::numeric / tries) / tries + 0.9604 / (tries * tries::numeric))
    ) / (1 + 3.8416 / tries)), 4) END
$$
"""
SHARE_HIGH = """
CREATE FUNCTION share_high(hits bigint, tries bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN tries > 0 THEN round(least(1, (
        hits::numeric / tries + 1.9208 / tries
        + 1.96 * sqrt((hits::numeric / tries) * (1 - hits::numeric / tries) / tries + 0.9604 / (tries * tries::numeric))
    ) / (1 + 3.8416 / tries)), 4) END
$$
"""
NEW_SINCE_BUILD = """
CREATE FUNCTION new_since_build(since text)
RETURNS TABLE (defect_id bigint, signature text, function text, pattern text, state text, crash_count bigint,
               first_seen timestamptz, last_seen timestamptz, first_build text, last_build text)
LANGUAGE sql STABLE AS $$
    SELECT defect.id, coalesce(defect.title, defect.signature), defect.location, pattern.slug, defect.state,
           defect.crash_count, defect.first_seen, defect.last_seen, defect.first_build, defect.last_build
    FROM defect
    LEFT JOIN pattern ON pattern.id = defect.pattern_id
    WHERE defect.merged_into IS NULL
      AND defect.first_seen >= (SELECT min(occurred_at) FROM crash WHERE crash.build = since)
    ORDER BY defect.crash_count DESC, defect.id
$$
"""
FUNCTIONS = {
    "share_low(bigint, bigint)": (SHARE_LOW, "Lower end of the 95% interval (Wilson) of a share: hits of tries."),
    "share_high(bigint, bigint)": (SHARE_HIGH, "Upper end of the 95% interval (Wilson) of a share: hits of tries."),
    "new_since_build(text)": (
        NEW_SINCE_BUILD,
        (
            "Defects that were first seen since the first crash of a build, the most frequent first:"
            " SELECT * FROM new_since_build(build)."
        ),
    ),
}

_STAGES = """
    SELECT fix.id, fix.route, fix.template, fix.pattern_id, fix.state, fix.defect_id, fix.crash_id, fix.created_at,
           fix.state IN ('PR_CREATED', 'AWAITING_APPROVAL', 'APPROVED', 'DEPLOYING', 'DEPLOYED') AS is_proven,
           fix.state IN ('APPROVED', 'DEPLOYING', 'DEPLOYED') AS is_approved
    FROM fix
"""

VIEWS = {
    "crash_trend_daily": (
        "Crashes a day (UTC), server and defect. Name the days you want: WHERE day > current_date - 14.",
        """
        SELECT counted.day, server.name AS server, counted.defect_id,
               coalesce(defect.title, defect.signature) AS signature, pattern.slug AS pattern, counted.crashes
        FROM (
            SELECT day, server_id, defect_id, sum(crashes)::bigint AS crashes
            FROM crash_rollup_daily GROUP BY day, server_id, defect_id
        ) counted
        JOIN server ON server.id = counted.server_id
        LEFT JOIN defect ON defect.id = counted.defect_id
        LEFT JOIN pattern ON pattern.id = defect.pattern_id
        WHERE counted.crashes <> 0
        """,
    ),
    "server_trend_daily": (
        "Crashes a day (UTC) and server, how many of them bots caused and how many could not be placed.",
        """
        SELECT rollup.day, server.name AS server, sum(rollup.crashes)::bigint AS crashes,
               coalesce(sum(rollup.crashes) FILTER (WHERE rollup.is_bot_related), 0)::bigint AS of_bots,
               coalesce(sum(rollup.crashes) FILTER (WHERE rollup.placement = 'needs_symbols'), 0)::bigint
                   AS need_symbols
        FROM server_rollup_daily rollup
        JOIN server ON server.id = rollup.server_id
        GROUP BY rollup.day, server.name HAVING sum(rollup.crashes) <> 0
        """,
    ),
    "top_crasher": (
        "What crashed in the last seven days (UTC days, today among them), beside the seven days before; most first.",
        """
        SELECT counted.defect_id, coalesce(defect.title, defect.signature) AS signature, defect.location AS function,
               pattern.slug AS pattern, counted.crashes, counted.crashes_before,
               counted.crashes - counted.crashes_before AS change, counted.servers,
               defect.first_seen >= (now() AT TIME ZONE 'UTC')::date - 6 AS is_new,
               defect.state, defect.first_build, defect.last_build, defect.last_seen, fix.state AS fix_state
        FROM (
            SELECT defect_id, coalesce(sum(crashes), 0)::bigint AS crashes,
                   coalesce(sum(before), 0)::bigint AS crashes_before, count(*) FILTER (WHERE crashes > 0) AS servers
            FROM (
                SELECT rollup.defect_id, rollup.server_id,
                       sum(rollup.crashes) FILTER (WHERE rollup.day > today.day - 7) AS crashes,
                       sum(rollup.crashes) FILTER (WHERE rollup.day <= today.day - 7) AS before
                FROM crash_rollup_daily rollup
                CROSS JOIN (SELECT (now() AT TIME ZONE 'UTC')::date AS day OFFSET 0) today
                WHERE rollup.day > (now() AT TIME ZONE 'UTC')::date - 14
                  AND rollup.day <= (now() AT TIME ZONE 'UTC')::date
                GROUP BY rollup.defect_id, rollup.server_id
            ) daily
            GROUP BY defect_id
        ) counted
        LEFT JOIN defect ON defect.id = counted.defect_id
        LEFT JOIN pattern ON pattern.id = defect.pattern_id
        LEFT JOIN LATERAL (
            SELECT fix.state FROM fix WHERE fix.defect_id = counted.defect_id ORDER BY fix.id DESC LIMIT 1
        ) fix ON true
        WHERE counted.crashes > 0 OR counted.crashes_before > 0
        ORDER BY counted.crashes DESC, counted.defect_id
        """,
    ),
    "component_summary": (
        (
            "Crashes of the last seven and thirty days by component (of bots: the class or system of the bot that the"
            " frames name), and whether bots caused them. A crash in two components counts in both."
        ),
        """
        SELECT component, is_bot_related, sum(week)::bigint AS crashes_7_days, sum(month)::bigint AS crashes_30_days
        FROM (
            SELECT rollup.components, rollup.is_bot_related, sum(rollup.crashes) AS month,
                   coalesce(sum(rollup.crashes) FILTER (WHERE rollup.day > today.day - 7), 0) AS week
            FROM server_rollup_daily rollup
            CROSS JOIN (SELECT (now() AT TIME ZONE 'UTC')::date AS day OFFSET 0) today
            WHERE rollup.day > (now() AT TIME ZONE 'UTC')::date - 30
            GROUP BY rollup.components, rollup.is_bot_related
        ) counted
        CROSS JOIN LATERAL unnest(
            CASE WHEN components = '{}' THEN ARRAY['(unknown)'] ELSE components END
        ) AS component
        GROUP BY component, is_bot_related HAVING sum(month) > 0
        ORDER BY crashes_30_days DESC, component
        """,
    ),
    "time_between_crashes": (
        "Mean time between crashes of each server in the last 7 and 30 days; of a defect it stands in defect_summary.",
        """
        SELECT server.name AS server, period.days, counted.crashes,
               least(make_interval(days => period.days), now() - server.watched_since)
                   / nullif(counted.crashes, 0) AS mean_time
        FROM (
            SELECT server.id, server.name, least(server.created_at, (
                SELECT min(rollup.day)::timestamptz FROM server_rollup_daily rollup WHERE rollup.server_id = server.id
            )) AS watched_since
            FROM server
        ) server
        CROSS JOIN (VALUES (7), (30)) AS period (days)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(rollup.crashes), 0)::bigint AS crashes FROM server_rollup_daily rollup
            WHERE rollup.server_id = server.id AND rollup.day > (now() AT TIME ZONE 'UTC')::date - period.days
        ) counted
        ORDER BY server.name, period.days
        """,
    ),
    "kpi": (
        (
            "The figures by which crashflow is judged: hits of tries (or a value with its unit), what they should be,"
            " and what they are about."
        ),
        f"""
        WITH stage AS ({_STAGES}),
        fixes AS (
            SELECT count(*) AS opened,
                   count(*) FILTER (WHERE is_proven) AS proven,
                   count(*) FILTER (WHERE is_proven OR state IN ('REJECTED', 'FAILED')) AS ended,
                   count(*) FILTER (WHERE is_approved) AS approved,
                   count(*) FILTER (WHERE is_approved OR state = 'REJECTED') AS decided
            FROM stage
        ),
        compiled AS (
            SELECT count(*) FILTER (WHERE outcome = 'passed') AS hits, count(*) AS tries FROM gate_result
            WHERE gate = 'compile' AND outcome <> 'skipped'
        ),
        month AS (
            SELECT coalesce(sum(crashes), 0)::bigint AS crashes,
                   coalesce(sum(crashes) FILTER (WHERE placement = 'matched'), 0)::bigint AS known,
                   coalesce(sum(crashes) FILTER (WHERE placement = 'needs_symbols'), 0)::bigint AS unnamed,
                   coalesce(sum(crashes) FILTER (WHERE is_bot_related), 0)::bigint AS bots
            FROM server_rollup_daily WHERE day > (now() AT TIME ZONE 'UTC')::date - 30
        ),
        week AS (
            SELECT coalesce(sum(crashes), 0)::bigint AS crashes,
                   coalesce(sum(crashes) FILTER (WHERE defect.pattern_id IS NOT NULL), 0)::bigint AS of_patterns,
                   coalesce(sum(crashes) FILTER (
                       WHERE defect.state IN ('fixing', 'verified') OR defect.route IN ('template', 'claude')
                   ), 0)::bigint AS unattended
            FROM (
                SELECT defect_id, sum(crashes) AS crashes FROM crash_rollup_daily
                WHERE day > (now() AT TIME ZONE 'UTC')::date - 7 GROUP BY defect_id
            ) daily
            LEFT JOIN defect ON defect.id = daily.defect_id
        ),
        newest AS (
            SELECT dump.detected_at - dump.captured_at AS latency FROM dump ORDER BY dump.id DESC LIMIT 1000
        ),
        logged AS (
            SELECT count(*) FILTER (WHERE has_log) AS hits, count(*) AS tries
            FROM (SELECT log_window IS NOT NULL AS has_log FROM crash ORDER BY id DESC LIMIT 1000) last
        ),
        to_request AS (
            SELECT pull_request.created_at - dump.detected_at AS took
            FROM pull_request
            JOIN fix ON fix.id = pull_request.fix_id
            JOIN crash ON crash.id = fix.crash_id
            JOIN dump ON dump.id = crash.dump_id
            ORDER BY pull_request.id DESC LIMIT 1000
        ),
        analysed AS (
            SELECT answered.at - asked.at AS took
            FROM transition answered
            JOIN LATERAL (
                SELECT asked.at FROM transition asked
                WHERE asked.entity = 'fix' AND asked.entity_id = answered.entity_id AND asked.id < answered.id
                  AND asked.state_to = 'ANALYSIS_PENDING'
                ORDER BY asked.id DESC LIMIT 1
            ) asked ON true
            WHERE answered.entity = 'fix' AND answered.state_from = 'ANALYZING' AND answered.state_to = 'FIX_GENERATED'
        ),
        wrong AS (
            SELECT count(*) FILTER (WHERE is_split) AS hits, count(*) AS tries
            FROM (
                SELECT EXISTS (SELECT FROM defect part WHERE part.split_from = defect.id) AS is_split
                FROM defect WHERE crash_count > 1 AND merged_into IS NULL
            ) several
        ),
        share (number, name, hits, tries, target, about) AS (
            SELECT 1, 'known crashes', known, crashes, NULL, 'crashes of 30 days that went to a defect known before'
                FROM month
            UNION ALL SELECT 2, 'match rate', of_patterns, crashes, NULL,
                'crashes of 7 days whose defect has a pattern' FROM week
            UNION ALL SELECT 3, 'without symbols', unnamed, crashes, NULL,
                'crashes of 30 days that could not be placed' FROM month
            UNION ALL SELECT 4, 'bot related', bots, crashes, NULL, 'crashes of 30 days' FROM month
            UNION ALL SELECT 5, 'handled without a human', unattended, crashes, '>= 95%',
                'crashes of 7 days whose defect went to a template or to Claude' FROM week
            UNION ALL SELECT 6, 'log correlation', hits, tries, NULL, 'of the newest 1,000 crashes' FROM logged
            UNION ALL SELECT 7, 'fix success', proven, ended, NULL, 'fixes that reached a pull request, of those ended'
                FROM fixes
            UNION ALL SELECT 8, 'fixes that compile', hits, tries, '>= 80%', 'attempts that were compiled' FROM compiled
            UNION ALL SELECT 9, 'pull requests approved', approved, decided, '70-90%', 'of those a person decided'
                FROM fixes
            UNION ALL SELECT 10, 'wrong merges', hits, tries, '< 5%',
                'defects of several crashes that a person split' FROM wrong
        )
        SELECT number, name, hits, tries, round(hits::numeric / nullif(tries, 0), 4) AS value, 'share' AS unit,
               share_low(hits, tries) AS low, share_high(hits, tries) AS high, target, about
        FROM share
        UNION ALL
        SELECT 11, 'detection latency', NULL, count(*),
               round(extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY latency))::numeric, 3), 's',
               NULL, NULL, '< 1 s', '99% of the newest 1,000 dumps; dumps that were ingested by hand are among them'
        FROM newest
        UNION ALL
        SELECT 12, 'analysis time', NULL, count(*),
               round(extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY took))::numeric, 1), 's',
               NULL, NULL, NULL, 'median from question to answer' FROM analysed
        UNION ALL
        SELECT 13, 'time to pull request', NULL, count(*),
               round(extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY took))::numeric, 1), 's',
               NULL, NULL, '15-30 min', 'median of the newest 1,000, from the dump''s detection' FROM to_request
        ORDER BY 1
        """,
    ),
}

REPLACED = {
    "defect_summary": (
        "Each defect: how often, since when, in which builds, which pattern, and the state of its newest fix.",
        """
        SELECT defect.id AS defect_id, defect.signature, defect.location AS function, defect.state,
               defect.crash_count, defect.first_seen, defect.last_seen, defect.first_build, defect.last_build,
               pattern.slug AS pattern, fix.id AS fix_id, fix.state AS fix_state, defect.route, defect.route_reason,
               pull_request.url AS pull_request, defect.title,
               CASE WHEN defect.crash_count > 1
                   THEN (defect.last_seen - defect.first_seen) / (defect.crash_count - 1) END AS mean_time_between,
               defect.template AS decided_template, defect.split_from
        FROM defect
        LEFT JOIN pattern ON pattern.id = defect.pattern_id
        LEFT JOIN LATERAL (
            SELECT fix.id, fix.state FROM fix WHERE fix.defect_id = defect.id ORDER BY fix.id DESC LIMIT 1
        ) fix ON true
        LEFT JOIN pull_request ON pull_request.fix_id = fix.id
        WHERE defect.merged_into IS NULL
        """,
    ),
    "pattern_summary": (
        "The newest version of each pattern: its defects, their crashes, and what its fixes came to.",
        """
        SELECT newest.slug AS pattern, newest.version, newest.title, newest.severity, newest.template,
               coalesce(known.crashes, 0)::bigint AS crashes, coalesce(known.defects, 0) AS defects, known.last_seen,
               coalesce(done.fixes, 0) AS fixes, coalesce(done.proven, 0) AS fixes_proven
        FROM (SELECT DISTINCT ON (slug) * FROM pattern ORDER BY slug, version DESC) newest
        LEFT JOIN (
            SELECT pattern.slug, sum(defect.crash_count) AS crashes, count(*) AS defects,
                   max(defect.last_seen) AS last_seen
            FROM defect JOIN pattern ON pattern.id = defect.pattern_id
            WHERE defect.merged_into IS NULL GROUP BY pattern.slug
        ) known ON known.slug = newest.slug
        LEFT JOIN (
            SELECT pattern.slug, count(*) AS fixes, count(*) FILTER (
                WHERE fix.state IN ('PR_CREATED', 'AWAITING_APPROVAL', 'APPROVED', 'DEPLOYING', 'DEPLOYED')
            ) AS proven
            FROM fix JOIN pattern ON pattern.id = fix.pattern_id GROUP BY pattern.slug
        ) done ON done.slug = newest.slug
        """,
    ),
    "fix_success_rate": (
        (
            "Fixes by route, template and pattern: how many proved themselves, were rejected or failed, the share of"
            " those that ended well, and its 95% interval."
        ),
        f"""
        SELECT route, template, pattern, fixes, proven, rejected, failed,
               fixes - proven - rejected - failed AS in_progress,
               round(proven::numeric / nullif(proven + rejected + failed, 0), 4) AS success_rate,
               proven + rejected + failed AS ended,
               share_low(proven, proven + rejected + failed) AS low,
               share_high(proven, proven + rejected + failed) AS high
        FROM (
            SELECT stage.route, coalesce(stage.template, '') AS template, coalesce(pattern.slug, '') AS pattern,
                   count(*) AS fixes, count(*) FILTER (WHERE stage.is_proven) AS proven,
                   count(*) FILTER (WHERE stage.state = 'REJECTED') AS rejected,
                   count(*) FILTER (WHERE stage.state = 'FAILED') AS failed
            FROM ({_STAGES}) stage
            LEFT JOIN pattern ON pattern.id = stage.pattern_id
            GROUP BY stage.route, stage.template, pattern.slug
        ) counted
        """,
    ),
}


def upgrade() -> None:
    for name, (statement, comment) in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"COMMENT ON FUNCTION {name} IS '{comment}'")
    for name, (comment, query) in {**REPLACED, **VIEWS}.items():
        op.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
        op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")


def downgrade() -> None:
    for name in (*VIEWS, *REPLACED):
        op.execute(f"DROP VIEW {name}")
    made = importlib.import_module("migrations.versions.0002_views").VIEWS
    for name in REPLACED:
        comment, query = made[name]
        op.execute(f"CREATE VIEW {name} AS {query}")
        op.execute(f"COMMENT ON VIEW {name} IS '{comment}'")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")

create or replace function md.list_doubts(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect     text,
    symbol     text,
    session_on date,
    bar_end_at timestamptz,
    is_brake   boolean,
    what       text,
    evidence   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select p.*, p_now_at - p.stale_after_ms * interval '1 ms' as due_at
          from md.policies as p
         where p.run_id = p_run_id
    )
    select 'DISAGREEMENT' as defect, d.symbol, d.session_on, d.bar_end_at,
           p.disagreement_policy <> 'IGNORE',
           format('is %s, and %s to feed %s', d.bar, d.observation, d.feed),
           'md.ingests ' || d.ingest_id
      from p cross join lateral md.list_disagreements(p.run_id, p_now_at) as d
     union all
    select 'CONFLICT', c.symbol, c.session_on, c.bar_end_at, p.conflict_policy <> 'IGNORE',
           format('is %s, and came as %s from feed %s', c.stored, c.other, c.other_feed),
           format('md.conflicts %s %s', c.ingest_id, c.line_no)
      from p
      cross join lateral md.list_windows(p.run_id, p.due_at) as w
      cross join lateral md.list_conflicts(array[w.symbol], w.timeframe, w.from_at, p_now_at) as c
     where not c.is_settled
     union all
    select 'OUTLIER', o.symbol, o.session_on, o.bar_end_at, p.outlier_policy <> 'IGNORE',
           format('closed at %s after %s: %s bps', core.format_micros(o.close_micros),
                  core.format_micros(o.before_micros), o.move_bps), 'md.bars'
      from p cross join lateral md.list_open_outliers(p.run_id, p_now_at) as o;
$function$;

comment on function md.list_doubts(uuid, timestamptz) is
$$The bars of a run that are in doubt: DISAGREEMENT, CONFLICT, OUTLIER (see md.list_defects).$$;

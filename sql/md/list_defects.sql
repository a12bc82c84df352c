create or replace function md.list_defects(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    defect   text,
    symbol   text,
    bar      text,
    is_brake boolean,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with p as (
        select p.*, p_now_at - p.stale_after_ms * interval '1 ms' as due_at
          from run.runs as r
          join md.policies as p using (run_id)
         where r.run_id = p_run_id
    ),
    w as materialized (
        select w.* from p cross join lateral md.list_windows(p.run_id, p.due_at) as w
    ),
    found as (
        select 'GAP' as defect, g.symbol, g.session_on, g.bar_end_at, true as is_brake,
               '' as what, 'md.bars' as evidence
          from p
          cross join lateral (
            select g.*, count(*) over (partition by g.symbol) as gaps
              from md.list_window_gaps(p.run_id, p.due_at) as g) as g
         where g.gaps > p.gap_tolerance_bars
         union all
        select 'STALE', s.symbol, s.session_on, s.bar_end_at, p.stale_policy <> 'IGNORE',
               format('is due: feed %s gave nothing after %s', s.feed,
                      coalesce(core.format_iso(s.last_bar_end_at), 'its beginning')), 'md.feed_marks'
          from p cross join lateral md.list_stale_feeds(p.run_id, p_now_at) as s
         union all
        select 'INCOMPLETE', f.symbol, f.session_on, f.bar_end_at, true,
               format('is unfinished, says feed %s', f.feed), 'md.formings'
          from p cross join lateral md.list_formings(p.run_id, p_now_at) as f
         union all
        select 'DISAGREEMENT', d.symbol, d.session_on, d.bar_end_at,
               p.disagreement_policy <> 'IGNORE',
               format('is %s, and %s to feed %s', d.bar, d.observation, d.feed),
               'md.ingests ' || d.ingest_id
          from p cross join lateral md.list_disagreements(p.run_id, p_now_at) as d
         union all
        select 'CONFLICT', c.symbol, c.session_on, c.bar_end_at, p.conflict_policy <> 'IGNORE',
               format('is %s, and came as %s from feed %s', c.stored, c.other, c.other_feed),
               format('md.conflicts %s %s', c.ingest_id, c.line_no)
          from p
          join w on true
          cross join lateral md.list_conflicts(array[w.symbol], w.timeframe, w.from_at, p_now_at) as c
         where not c.is_settled
         union all
        select 'OUTLIER', o.symbol, o.session_on, o.bar_end_at, p.outlier_policy <> 'IGNORE',
               format('closed at %s after %s: %s bps', core.format_micros(o.close_micros),
                      core.format_micros(o.before_micros), o.move_bps), 'md.bars'
          from p cross join lateral md.list_open_outliers(p.run_id, p_now_at) as o
    )
    select f.defect, f.symbol, b.bar, f.is_brake,
           case f.defect when 'GAP' then format('%s lacks %s', f.symbol, b.bar)
                else format('%s %s %s', f.symbol, b.bar, f.what) end, f.evidence
      from p
      join found as f on true
      cross join lateral md.format_bar(p.timeframe, f.session_on, f.bar_end_at) as b (bar)
     union all
    select 'CALENDAR_ENDED', null, null, true, c.detail, 'ref.sessions'
      from p cross join lateral md.list_ended_calendars(p.run_id, p_now_at) as c
     order by 1, 2, 3;
$function$;

comment on function md.list_defects(uuid, timestamptz) is
$$What is wrong with the data of a run at p_now_at, over its gap window: GAP (a slot without a bar), STALE (a
feed is silent), INCOMPLETE (a bar that is due is still unfinished), DISAGREEMENT (a second feed saw another
price), CONFLICT (another value came for a stored bar), OUTLIER (a close far from the one before),
CALENDAR_ENDED. is_brake: it shuts gate INTEGRITY; false where the run's policy says IGNORE.
What a person has settled (md.resolve_defect) is not listed.$$;

create or replace function md.list_absences(
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
      from p cross join lateral md.list_formings(p.run_id, p_now_at) as f;
$function$;

comment on function md.list_absences(uuid, timestamptz) is
$$The bars of a run that are not there: GAP, STALE, INCOMPLETE (see md.list_defects).$$;

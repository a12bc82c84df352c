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
        select p.*
          from run.runs as r
          join md.policies as p using (run_id)
         where r.run_id = p_run_id
    ),
    found as (
        select a.* from p cross join lateral md.list_absences(p.run_id, p_now_at) as a
         union all
        select d.* from p cross join lateral md.list_doubts(p.run_id, p_now_at) as d
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
     union all
    select 'SPLIT_SUSPECTED', null, null, true, j.told, 'md.corporate_actions'
      from p cross join lateral md.find_jumps(p.run_id, p_now_at) as j (told)
     where j.told is not null
     order by 1, 2, 3;
$function$;

comment on function md.list_defects(uuid, timestamptz) is
$$What is wrong with the data of a run at p_now_at, over its gap window: GAP (a slot without a bar),
STALE (a
feed is silent), INCOMPLETE (a bar that is due is still unfinished), DISAGREEMENT (a second feed saw another
price), CONFLICT (another value came for a stored bar), OUTLIER (a close far from the one before),
CALENDAR_ENDED, SPLIT_SUSPECTED (a jump like a split that nobody announced).
is_brake: it shuts gate INTEGRITY; false where the run's policy says IGNORE.
What a person has settled (md.resolve_defect) is not listed.$$;

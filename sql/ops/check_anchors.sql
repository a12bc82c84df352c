create or replace function ops.check_anchors(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with desk as (
        select r.engine_id, bool_or(r.mode = 'LIVE') as is_live,
               (select count(*) from audit.anchors as a where a.engine_id = r.engine_id) as anchors,
               (select min(u.since_at)
                  from audit.find_unanchored(r.engine_id, null, p_now_at) as u) as since_at
          from run.runs as r
         where r.run_status in ('ARMED', 'RUNNING') and r.clock_kind = 'SERVER'
         group by r.engine_id
    ), late as (
        select d.*
          from desk as d
         where (d.anchors > 0 or d.is_live)
           and d.since_at < p_now_at - interval '5 minutes'
    )
    select 'diary_is_anchored', coalesce(bool_or(l.is_live), false), count(*) = 0,
           coalesce(string_agg(format('%s: not since %s', l.engine_id, core.format_iso(l.since_at)),
                               ', ' order by l.engine_id),
                    case when exists (select from audit.anchors) then 'within five minutes'
                         else 'no anchors: the diary rests on this server alone' end),
           'start mqk worker anchor with its key: docs/audit.md'
      from late as l;
$function$;

comment on function ops.check_anchors(timestamptz) is
$$The check of the doctor that the diaries of armed engines are anchored: a must where an engine trades
LIVE, advice where it has anchored before, silent where there is no key.
Why: five minutes are five times the time that an event waits for its anchor.$$;

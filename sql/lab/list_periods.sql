create or replace function lab.list_periods(
    p_initial_micros bigint,
    p_days           date[],
    p_equity         bigint[],
    p_format         text
)
returns table (
    period       text,
    return_ratio numeric
)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with ends as (
        select to_char(u.day::timestamp, p_format) as period,
               (array_agg(u.equity order by u.day desc))[1] as closing
          from unnest(p_days, p_equity) as u (day, equity)
         group by 1
    )
    select e.period, e.closing::numeric / nullif(coalesce(
               lag(e.closing) over (order by e.period collate "C"), p_initial_micros), 0) - 1
      from ends as e
     order by e.period collate "C";
$function$;

comment on function lab.list_periods(bigint, date[], bigint[], text) is
$$The return of each month (p_format YYYY-MM) or year (YYYY) of an equity curve by day, from the end of the
period before it; the first from the opening cash. Null where nothing was left to begin with.$$;

create or replace function lab.compute_recovery_days(
    p_equity bigint[]
)
returns integer
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with marked as (
        select e.position, e.value, max(e.value) over (order by e.position) as peak
          from unnest(p_equity) with ordinality as e (value, position)
    ), spells as (
        select m.position, max(m.position) filter (where m.value = m.peak) over (
                   order by m.position rows between unbounded preceding and 1 preceding) as peak_at,
               m.value = m.peak as is_peak
          from marked as m
    )
    select coalesce(max(s.position - s.peak_at), 0)::integer
      from spells as s
     where s.is_peak
       and s.position - s.peak_at > 1;
$function$;

comment on function lab.compute_recovery_days(bigint[]) is
$$Longest way back: points from a peak to the next value at least as high, one value a day; a
drawdown that was never made good does not count.$$;

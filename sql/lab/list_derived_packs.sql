create or replace function lab.list_derived_packs(
    p_set     lab.datasets,
    p_source  uuid,
    p_stretch lab.stretch
)
returns setof lab.packs
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with spans as materialized (
        select k.*, greatest(p_stretch.first_tick - k.first_tick, 0) + 1 as low,
               least(p_stretch.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high
          from lab.packs as k
         where k.dataset_id = p_source
           and k.first_tick <= p_stretch.last_tick
           and k.first_tick + cardinality(k.ends_at) > p_stretch.first_tick
    ), timed as (
        select t.n / 512 as pack_no, array_agg(t.ends_at) as ends_at,
               array_agg(t.session_no - (select s.sessions[s.low] from spans as s
                                          order by s.pack_no limit 1) + 1) as sessions,
               array_agg(t.ends_session) as ends_session, array_agg(t.is_complete) as is_complete
          from (select e.*, k.first_tick + k.low + e.nth::integer - 2 - p_stretch.first_tick as n
                  from spans as k
                 cross join lateral unnest(
                       k.ends_at[k.low : k.high], k.sessions[k.low : k.high],
                       k.ends_session[k.low : k.high], k.is_complete[k.low : k.high])
                       with ordinality as e (ends_at, session_no, ends_session, is_complete, nth)
                 order by n) as t
         group by 1
    ), packed as (
        select c.pack_no, array_agg(c.o) as opens, array_agg(c.h) as highs, array_agg(c.l) as lows,
               array_agg(c.c) as closes, array_agg(c.v) as volumes
          from (select d.n / 512 as pack_no, d.* from lab.list_derived_cells(p_source, p_stretch) as d
                 order by d.n / 512, d.symbol_no, d.n) as c
         group by c.pack_no
    )
    select p_set.dataset_id, p.pack_no, p.pack_no * 512 + 1, t.ends_at, t.sessions, t.ends_session,
           t.is_complete, p.opens, p.highs, p.lows, p.closes, p.volumes
      from packed as p join timed as t using (pack_no);
$function$;

comment on function lab.list_derived_packs(lab.datasets, uuid, lab.stretch) is
$$The packs of a stretch of another dataset, its prices changed by lab.shock_price.
Why: what is sorted before it is gathered is sorted once.$$;

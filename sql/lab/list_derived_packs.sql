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
    with ticks as (
        select e.*, k.pack_no, k.first_tick + e.nth::integer - 1 - p_stretch.first_tick as n,
               1 + (k.first_tick + e.nth::integer - 1 - p_stretch.first_tick) * 3
                   / (p_stretch.last_tick - p_stretch.first_tick + 1) as third
          from lab.packs as k
         cross join lateral unnest(k.ends_at, k.sessions, k.ends_session, k.is_complete)
               with ordinality as e (ends_at, session_no, ends_session, is_complete, nth)
         where k.dataset_id = p_source
           and k.first_tick + e.nth - 1 between p_stretch.first_tick and p_stretch.last_tick
    ), cells as (
        select t.n, t.n / 512 as pack_no, t.third, t.session_no, e.*, z.symbol_no
          from lab.packs as k
         cross join lateral unnest(k.opens, k.highs, k.lows, k.closes, k.volumes)
               with ordinality as e (o, h, l, c, v, nth)
         cross join lateral (select (e.nth - 1) / cardinality(k.ends_at) as symbol_no) as z
          join ticks as t
            on t.pack_no = k.pack_no and t.nth = e.nth - z.symbol_no * cardinality(k.ends_at)
         where k.dataset_id = p_source
    ), turns as (
        select c.symbol_no, coalesce((array_agg(c.c order by c.n desc)
                         filter (where c.third = 1 and c.c > 0))[1], 1) as anchor,
               coalesce((array_agg(c.c order by c.n desc)
                         filter (where c.third = 2 and c.c > 0))[1], 1) as pivot,
               coalesce(max(c.session_no) filter (where c.third = 2), 0) as turned
          from cells as c group by 1
    ), shocked as (
        select c.*, lab.shock_price(k.kind, c.o, c.third, c.session_no - u.turned, u.anchor, u.pivot) as so,
               lab.shock_price(k.kind, c.h, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sh,
               lab.shock_price(k.kind, c.l, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sl,
               lab.shock_price(k.kind, c.c, c.third, c.session_no - u.turned, u.anchor, u.pivot) as sc
          from (select p_stretch.change_kind as kind) as k
         cross join (cells as c join turns as u using (symbol_no))
    ), packed as (
        select c.pack_no, array_agg(c.so order by c.symbol_no, c.n) as opens,
               array_agg(c.sh order by c.symbol_no, c.n) as highs,
               array_agg(c.sl order by c.symbol_no, c.n) as lows,
               array_agg(c.sc order by c.symbol_no, c.n) as closes,
               array_agg(c.v order by c.symbol_no, c.n) as volumes from shocked as c group by 1
    ), timed as (
        select t.n / 512 as pack_no, array_agg(t.ends_at order by t.n) as ends_at,
               array_agg(t.session_no - (select min(m.session_no) from ticks as m) + 1
                         order by t.n) as sessions,
               array_agg(t.ends_session order by t.n) as ends_session,
               array_agg(t.is_complete order by t.n) as is_complete from ticks as t group by 1
    )
    select p_set.dataset_id, p.pack_no, p.pack_no * 512 + 1, t.ends_at, t.sessions, t.ends_session,
           t.is_complete, p.opens, p.highs, p.lows, p.closes, p.volumes
      from packed as p join timed as t using (pack_no);
$function$;

comment on function lab.list_derived_packs(lab.datasets, uuid, lab.stretch) is
$$The packs of a stretch of another dataset, its prices changed by lab.shock_price.$$;

create or replace function lab.list_derived_cells(
    p_source  uuid,
    p_stretch lab.stretch
)
returns table (symbol_no integer, n integer, o bigint, h bigint, l bigint, c bigint, v bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $function$
    with cells as materialized (
        select s.nth as symbol_no, x.n, e.*, coalesce(f.price_num, 1) as num,
               coalesce(f.price_den, 1) as den,
               1 + x.n * 3 / (p_stretch.last_tick - p_stretch.first_tick + 1) as third
          from lab.packs as k
         cross join lateral (
            select cardinality(k.ends_at) as ticks,
                   greatest(p_stretch.first_tick - k.first_tick, 0) + 1 as low,
                   least(p_stretch.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high) as b
         cross join lateral generate_series(1, cardinality(k.closes) / b.ticks) as s (nth)
         cross join lateral (select (s.nth - 1) * b.ticks as base) as a
         cross join lateral unnest(
               k.opens[a.base + b.low : a.base + b.high], k.highs[a.base + b.low : a.base + b.high],
               k.lows[a.base + b.low : a.base + b.high], k.closes[a.base + b.low : a.base + b.high],
               k.volumes[a.base + b.low : a.base + b.high], k.sessions[b.low : b.high])
               with ordinality as e (o, h, l, c, v, session_no, nth)
         cross join lateral (
            select k.first_tick + b.low + e.nth::integer - 2 - p_stretch.first_tick as n) as x
          left join lab.list_split_factors(array(
               select g from lab.splits as g where g.dataset_id = p_source), p_stretch.last_tick) as f
            on f.symbol_no = s.nth and x.n + p_stretch.first_tick >= f.from_tick
           and x.n + p_stretch.first_tick < f.until_tick
         where k.dataset_id = p_source
           and k.first_tick <= p_stretch.last_tick
           and k.first_tick + cardinality(k.ends_at) > p_stretch.first_tick
    ), turns as (
        select x.symbol_no, x.turned, coalesce(a.c, 1) as anchor, a.num as anchor_num, a.den as anchor_den,
               coalesce(b.c, 1) as pivot, b.num as pivot_num, b.den as pivot_den
          from (select c.symbol_no, coalesce(max(c.session_no) filter (where c.third = 2), 0) as turned,
                       max(c.n) filter (where c.third = 1 and c.c > 0) as anchor_n,
                       max(c.n) filter (where c.third = 2 and c.c > 0) as pivot_n
                  from cells as c group by c.symbol_no) as x
          left join cells as a on a.symbol_no = x.symbol_no and a.n = x.anchor_n
          left join cells as b on b.symbol_no = x.symbol_no and b.n = x.pivot_n
    ), shares as (
        select c.*, c.session_no - u.turned as since,
               lab.restate(u.anchor, u.anchor_num * c.den, u.anchor_den * c.num) as anchor,
               lab.restate(u.pivot, u.pivot_num * c.den, u.pivot_den * c.num) as pivot
          from cells as c join turns as u using (symbol_no)
    )
    select s.symbol_no, s.n, lab.shock_price(k.kind, s.o, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.h, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.l, s.third, s.since, s.anchor, s.pivot),
           lab.shock_price(k.kind, s.c, s.third, s.since, s.anchor, s.pivot), s.v
      from (select p_stretch.change_kind as kind) as k
     cross join shares as s;
$function$;

comment on function lab.list_derived_cells(uuid, lab.stretch) is
$$The bars of a stretch of a dataset, its prices changed by lab.shock_price: symbol, tick (from 0), open,
high, low, close, volume. Over a split the prices from which changes are measured are restated.$$;

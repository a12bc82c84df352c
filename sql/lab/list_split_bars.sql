create or replace function lab.list_split_bars(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text
)
returns table (
    symbol     text,
    from_tick  integer,
    first_tick integer,
    opens      bigint[],
    highs      bigint[],
    lows       bigint[],
    closes     bigint[],
    volumes    bigint[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with g as materialized (
        select b as test, (select array_agg(s) from lab.list_shown_splits(b, p_cut_tick, p_poison) as s)
               as splits
          from lab.backtests as b where b.backtest_id = p_backtest_id
    ), spans as materialized (
        select s.* from g cross join lateral lab.list_spans(g.test, g.splits) as s
         where g.splits is not null
    ), factors as materialized (
        select e.from_tick as epoch, f.* from g
         cross join (select distinct s.from_tick from spans as s) as e
         cross join lateral lab.list_split_factors(g.splits, e.from_tick) as f
    ), cells as (
        select s.symbol_no, s.symbol, s.from_tick, s.first_tick, k.first_tick + x.low + u.nth - 2 as tick,
               u.*
          from g
         cross join lateral lab.poison_dataset((g.test).dataset_id, p_cut_tick, p_poison) as k
          join spans as s
            on s.first_tick < k.first_tick + cardinality(k.ends_at) and s.last_tick >= k.first_tick
         cross join lateral (
            select greatest(s.first_tick - k.first_tick, 0) + 1 as low,
                   least(s.last_tick - k.first_tick + 1, cardinality(k.ends_at)) as high,
                   (s.symbol_no - 1) * cardinality(k.ends_at) as base) as x
         cross join lateral unnest(
               k.opens[x.base + x.low : x.base + x.high], k.highs[x.base + x.low : x.base + x.high],
               k.lows[x.base + x.low : x.base + x.high], k.closes[x.base + x.low : x.base + x.high],
               k.volumes[x.base + x.low : x.base + x.high])
               with ordinality as u (o, h, l, c, v, nth)
    )
    select c.symbol, c.from_tick, c.first_tick,
           array_agg(lab.restate(c.o, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.h, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.l, f.price_num, f.price_den) order by c.tick),
           array_agg(lab.restate(c.c, f.price_num, f.price_den) order by c.tick),
           array_agg(coalesce(round(c.v * f.price_den / f.price_num)::bigint, c.v) order by c.tick)
      from cells as c
      left join factors as f
        on f.epoch = c.from_tick and f.symbol_no = c.symbol_no
       and c.tick >= f.from_tick and c.tick < f.until_tick
     group by c.symbol_no, c.symbol, c.from_tick, c.first_tick
     order by c.from_tick, c.symbol_no;
$function$;

comment on function lab.list_split_bars(uuid, integer, text) is
$$What lab.list_bars gives where splits are shown: from each split on a row more a symbol, in the shares of
then, from the tick on to which a window reaches back. No row: there is no split.$$;

create or replace function lab.list_bars(
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
    select w.symbol, 1, 1, w.opens, w.highs, w.lows, w.closes, w.volumes
      from (
        select s.symbol, s.symbol_no, array_agg(u.o order by k.pack_no, u.nth) as opens,
               array_agg(u.h order by k.pack_no, u.nth) as highs,
               array_agg(u.l order by k.pack_no, u.nth) as lows,
               array_agg(u.c order by k.pack_no, u.nth) as closes,
               array_agg(u.v order by k.pack_no, u.nth) as volumes
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join unnest(d.symbols) with ordinality as s (symbol, symbol_no)
         cross join lateral lab.poison_dataset(d.dataset_id, p_cut_tick, p_poison) as k
         cross join lateral (
            select (s.symbol_no::integer - 1) * cardinality(k.ends_at) + 1 as low,
                   s.symbol_no::integer * cardinality(k.ends_at) as high) as x
         cross join lateral unnest(
               k.opens[x.low : x.high], k.highs[x.low : x.high], k.lows[x.low : x.high],
               k.closes[x.low : x.high], k.volumes[x.low : x.high])
               with ordinality as u (o, h, l, c, v, nth)
         where b.backtest_id = p_backtest_id
           and not exists (select from lab.list_shown_splits(b, p_cut_tick, p_poison))
         group by s.symbol_no, s.symbol
         order by s.symbol_no) as w
     union all
    select f.symbol, f.from_tick, f.first_tick, f.opens, f.highs, f.lows, f.closes, f.volumes
      from lab.list_split_bars(p_backtest_id, p_cut_tick, p_poison) as f;
$function$;

comment on function lab.list_bars(uuid, integer, text) is
$$All bars of a backtest's dataset, one row a symbol, one value a tick, null where there is none; with
p_poison another future after p_cut_tick. From each split on (from_tick) a row more a symbol, in the shares
of then (lab.list_split_bars).
Why: before the split nobody could see its shares.$$;

create or replace function lab.list_segments(
    p_backtest  lab.backtests,
    p_symbol_no integer
)
returns table (
    before   integer,
    is_split boolean,
    closes   bigint[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with splits as materialized (
        select s.tick_no from lab.list_shown_splits(p_backtest, null, null) as s
         where s.symbol_no = p_symbol_no
    )
    select k.first_tick + g.low - 2, g.is_split, k.closes[x.base + g.low : x.base + g.high]
      from lab.packs as k
     cross join lateral (select (p_symbol_no - 1) * cardinality(k.ends_at) as base) as x
     cross join lateral (
        select c.low, bool_or(c.is_split) as is_split,
               lead(c.low, 1, cardinality(k.ends_at) + 1) over (order by c.low) - 1 as high
          from (select 1 as low, false as is_split
                 union all
                select s.tick_no - k.first_tick + 1, true from splits as s
                 where s.tick_no >= k.first_tick
                   and s.tick_no < k.first_tick + cardinality(k.ends_at)) as c
         group by c.low) as g
     where k.dataset_id = (p_backtest).dataset_id
     order by k.pack_no, g.low;
$function$;

comment on function lab.list_segments(lab.backtests, integer) is
$$The closes of a symbol of a backtest as they are stored, pack by pack and cut where it is split; before:
the tick before the first of them; is_split: a split comes before them (lab.list_closes_until has the
closes of before in the shares of then).$$;

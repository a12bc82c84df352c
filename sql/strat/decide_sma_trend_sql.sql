create or replace function strat.decide_sma_trend_sql(
    p_context jsonb
)
returns table (
    symbol     text,
    target_qty bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with knobs as (
        select (p_context -> 'parameters' ->> 'fast_bars')::bigint as fast_bars,
               (p_context -> 'parameters' ->> 'slow_bars')::bigint as slow_bars,
               (p_context -> 'parameters' ->> 'weight_bps')::bigint as weight_bps,
               (p_context ->> 'equity_micros')::bigint as equity_micros
    ), sums as (
        select s.key as symbol, count(*) as bars,
               sum((b.value ->> 5)::bigint) filter (where b.nth > b.n - k.fast_bars) as fast_sum,
               sum((b.value ->> 5)::bigint) filter (where b.nth > b.n - k.slow_bars) as slow_sum,
               max((b.value ->> 5)::bigint) filter (where b.nth = b.n) as close_micros
          from knobs as k
          cross join jsonb_each(p_context -> 'bars') as s
          cross join lateral (
            select e.value, e.ordinality as nth, jsonb_array_length(s.value) as n
              from jsonb_array_elements(s.value) with ordinality as e) as b
         where jsonb_typeof(s.value) = 'array'
         group by s.key
    )
    select s.symbol,
           case when s.bars < k.slow_bars
                  or s.fast_sum * k.slow_bars <= s.slow_sum * k.fast_bars then 0
                when h.held > 0 then h.held
                else div(div(greatest(k.equity_micros, 0)::numeric * k.weight_bps, 10000), s.close_micros)
           end::bigint
      from sums as s
      cross join knobs as k
      cross join lateral (
        select coalesce((p_context -> 'positions' ->> s.symbol)::bigint, 0) as held) as h
     order by s.symbol collate "C";
$function$;

comment on function strat.decide_sma_trend_sql(jsonb) is
$$Moving-average trend: long weight_bps of equity while the fast average is above the slow one.
Same rule as the Python strategy sma_trend: sums are compared, not averages; equal is flat; a long
position is kept as it is; fewer bars than slow_bars is flat.$$;

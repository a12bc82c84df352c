create or replace function lab.build_context(
    p_backtest lab.backtests,
    p_tick_no  integer,
    p_window   integer,
    p_held     bigint[],
    p_equity   bigint
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with factors as materialized (
        select f.*
          from (select array_agg(s) as splits from lab.list_shown_splits(p_backtest, null, null) as s) as g
         cross join lateral lab.list_split_factors(g.splits, p_tick_no) as f
    ), bars as (
        select s.symbol, b.session_on, b.ends_at,
               lab.restate(b.open_micros, f.price_num, f.price_den) as open_micros,
               lab.restate(b.high_micros, f.price_num, f.price_den) as high_micros,
               lab.restate(b.low_micros, f.price_num, f.price_den) as low_micros,
               lab.restate(b.close_micros, f.price_num, f.price_den) as close_micros,
               coalesce(round(b.volume * f.price_den / f.price_num)::bigint, b.volume) as volume
          from lab.datasets as d
         cross join unnest(d.symbols) with ordinality as s (symbol, nth)
         cross join lateral lab.list_bars_until(d.dataset_id, s.nth::integer, p_tick_no, p_window) as b
          left join factors as f
            on f.symbol_no = s.nth and b.ends_at >= f.from_at and b.ends_at < f.until_at
         where d.dataset_id = (p_backtest).dataset_id
    )
    select jsonb_build_object(
               'bar_end_at', (
                   select core.format_iso(k.ends_at[p_tick_no - k.first_tick + 1]) from lab.packs as k
                    where k.dataset_id = d.dataset_id and k.pack_no = (p_tick_no - 1) / 512),
               'equity_micros', p_equity,
               'parameters', (p_backtest).parameters,
               'positions', (
                   select jsonb_object_agg(s.symbol, p_held[s.nth])
                     from unnest(d.symbols) with ordinality as s (symbol, nth)),
               'bars', (
                   select jsonb_object_agg(s.symbol, (
                              select jsonb_agg(jsonb_build_array(
                                         b.session_on, core.format_iso(b.ends_at), b.open_micros,
                                         b.high_micros, b.low_micros, b.close_micros, b.volume)
                                         order by b.ends_at)
                                from bars as b where b.symbol = s.symbol))
                     from unnest(d.symbols) as s (symbol)))
      from lab.datasets as d
     where d.dataset_id = (p_backtest).dataset_id;
$function$;

comment on function lab.build_context(lab.backtests, integer, integer, bigint[], bigint) is
$$What a strategy is shown at a tick of a backtest: the document of strat.get_context, out of a dataset.
p_held: signed shares by symbol number. Bars are in the shares of the tick, as data.adjustment says.
Why: a bar that ends after the tick cannot be in it.$$;

create or replace function lab.list_closes_until(
    p_backtest  lab.backtests,
    p_symbol_no integer,
    p_tick_no   integer,
    p_limit     integer
)
returns bigint[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(array_agg(lab.restate(b.close_micros, f.price_num, f.price_den)
                              order by b.ends_at), '{}')
      from lab.list_bars_until((p_backtest).dataset_id, p_symbol_no, p_tick_no - 1, p_limit) as b
     cross join (select array_agg(s) as splits from lab.list_shown_splits(p_backtest, null, null) as s) as g
      left join lateral lab.list_split_factors(g.splits, p_tick_no) as f
        on f.symbol_no = p_symbol_no and b.ends_at >= f.from_at and b.ends_at < f.until_at;
$function$;

comment on function lab.list_closes_until(lab.backtests, integer, integer, integer) is
$$The last p_limit closes of a symbol before a tick, oldest first, in the shares of that tick, as
data.adjustment says.$$;

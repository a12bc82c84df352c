create or replace function lab.store_signals(
    p_backtest lab.backtests,
    p_signals  jsonb
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_set   lab.datasets;
    v_bad   text;
    v_count integer;
begin
    perform core.assert_that(jsonb_typeof(p_signals) = 'array', 'MQA05', jsonb_typeof(p_signals));
    select d.* into strict v_set from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    select s.value::text into v_bad
      from jsonb_array_elements(p_signals) as s
     where not coalesce(
               (s.value ->> 0)::integer between 1 and v_set.ticks and s.value ->> 1 = any (v_set.symbols)
               and s.value ->> 2 in ('SHARES', 'WEIGHT', 'KEEP')
               and (strat.parse_target(lab.read_wish(s.value))).target_qty is not null, false)
     limit 1;
    perform core.assert_that(v_bad is null, 'MQA82', v_bad);
    insert into lab.signals (
        backtest_id, tick_no, symbol_no, signal_kind, amount, limit_price_micros, stop_price_micros)
    select p_backtest.backtest_id, (s.value ->> 0)::integer,
           array_position(v_set.symbols, s.value ->> 1), s.value ->> 2, w.target_qty,
           w.limit_price_micros, w.stop_price_micros
      from jsonb_array_elements(p_signals) as s
     cross join lateral strat.parse_target(lab.read_wish(s.value)) as w;
    get diagnostics v_count = row_count;
    return v_count;
end;
$function$;

comment on function lab.store_signals(lab.backtests, jsonb) is
$$Writes signals [[tick from 1, symbol, SHARES | WEIGHT | KEEP, amount, order type, limit, stop], ...],
the last three may be left out together, and gives how many.
Raises: MQA05; MQA82 one that names no tick or symbol of the dataset, or prices that its order type has
not; 23505 two for one tick and symbol.$$;

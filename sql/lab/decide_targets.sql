create or replace function lab.decide_targets(
    p_backtest lab.backtests,
    p_tick_no  integer,
    p_window   integer,
    p_held     bigint[],
    p_equity   bigint
)
returns table (
    qtys   bigint[],
    limits bigint[],
    stops  bigint[]
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_symbols text[];
    v_targets jsonb := strat.run_sql_strategy(
        p_backtest.strategy_id, lab.build_context(p_backtest, p_tick_no, p_window, p_held, p_equity));
    v_foreign text;
begin
    select d.symbols into strict v_symbols
      from lab.datasets as d where d.dataset_id = p_backtest.dataset_id;
    select string_agg(t.key || '=' || t.value, ', ' order by t.key) into v_foreign
      from jsonb_each(v_targets) as t
     where (strat.parse_target(t.value)).target_qty is null or t.key <> all (v_symbols);
    perform core.assert_that(v_foreign is null, 'MQA08', v_foreign);
    return query
    select array_agg(w.target_qty order by s.nth), array_agg(w.limit_price_micros order by s.nth),
           array_agg(w.stop_price_micros order by s.nth)
      from unnest(v_symbols) with ordinality as s (symbol, nth)
     cross join lateral strat.parse_target(coalesce(v_targets -> s.symbol, '0')) as w;
end;
$function$;

comment on function lab.decide_targets(lab.backtests, integer, integer, bigint[], bigint) is
$$Asks a SQL strategy what it wants at a tick: signed shares by symbol number, and the prices of
its orders (null: the market); one left out means 0.
Raises: MQA08 a target outside the dataset not in whole shares, or with prices that do not belong to its
order type.$$;

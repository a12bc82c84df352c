create or replace function api.backtest_finish(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns table (
    backtest_id     uuid,
    dataset_id      uuid,
    config_hash     text,
    strategy_id     text,
    backtest_status text,
    halt_reason     text,
    halted_at       timestamptz,
    ticks           integer,
    orders          integer,
    fills           integer,
    cash_micros     bigint,
    equity_micros   bigint,
    digest          text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.backtest_id, f.dataset_id, f.config_hash, f.strategy_id, f.backtest_status, f.halt_reason,
           f.halted_at, f.ticks, f.orders, f.fills, f.cash_micros, f.equity_micros, f.digest
      from ops.finish_backtest(p_backtest_id, p_now_at) as f;
$function$;

comment on function api.backtest_finish(uuid, timestamptz) is
$$Runs an opened backtest and gives its result.$$;

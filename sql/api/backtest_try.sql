create or replace function api.backtest_try(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    equity_micros bigint[],
    fill_ticks    integer[],
    fill_symbols  integer[],
    fill_qtys     bigint[]
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.equity_micros, f.fill_ticks, f.fill_symbols, f.fill_qtys
      from lab.try_backtest(p_backtest_id, p_cut_tick, p_poison, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_try(uuid, integer, text, jsonb, timestamptz) is
$$What a backtest would give with these signals: equity a tick, fills. Nothing is kept.$$;

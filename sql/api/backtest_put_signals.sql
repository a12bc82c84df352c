create or replace function api.backtest_put_signals(
    p_backtest_id uuid,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    signals        integer,
    signals_sha256 text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.signals, f.signals_sha256
      from lab.post_signals(p_backtest_id, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_put_signals(uuid, jsonb, timestamptz) is
$$Takes the signals of a strategy outside the database: [[tick, symbol, kind, amount], ...].$$;

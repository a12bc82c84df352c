create or replace function api.backtest_poison(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text,
    p_signals     jsonb,
    p_now_at      timestamptz
)
returns table (
    cut_tick   integer,
    poison     text,
    difference text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.cut_tick, f.poison, f.difference
      from lab.record_trial(p_backtest_id, p_cut_tick, p_poison, p_signals, p_now_at) as f;
$function$;

comment on function api.backtest_poison(uuid, integer, text, jsonb, timestamptz) is
$$Runs a backtest again with another future after cut_tick; keeps and gives what was different before.$$;

create or replace function lab.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_latency_bars   integer,
    p_now_at         timestamptz
)
returns lab.backtests
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from lab.open_coded_backtest(p_dataset_id, p_canonical_json, null, p_latency_bars, p_now_at) as f;
$function$;

comment on function lab.open_backtest(uuid, text, integer, timestamptz) is
$$Opens the backtest of a SQL strategy, or of targets by hand.
Raises: MQN80; MQA80; MQS88.$$;

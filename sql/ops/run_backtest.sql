create or replace function ops.run_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_now_at         timestamptz
)
returns lab.backtests
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from ops.open_backtest(p_dataset_id, p_canonical_json, null, p_now_at) as o
     cross join lateral ops.finish_backtest(o.backtest_id, p_now_at) as f;
$function$;

comment on function ops.run_backtest(uuid, text, timestamptz) is
$$Runs the SQL strategy of a config on a dataset, under its risk limits and costs. The same config on the
same dataset is run once.
Raises: what ops.open_backtest and ops.finish_backtest raise.$$;

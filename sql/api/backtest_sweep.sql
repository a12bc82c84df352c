create or replace function api.backtest_sweep(
    p_dataset_id uuid,
    p_config     text,
    p_grid       jsonb,
    p_now_at     timestamptz
)
returns table (
    sweep_id uuid,
    jobs     integer
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.sweep_id, f.jobs
      from lab.open_sweep(p_dataset_id, p_config, p_grid, p_now_at) as f;
$function$;

comment on function api.backtest_sweep(uuid, text, jsonb, timestamptz) is
$$Opens a sweep of a config over a grid {parameter: [values]}.$$;

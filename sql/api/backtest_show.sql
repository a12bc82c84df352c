create or replace function api.backtest_show(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.build_tearsheet(p_backtest_id, p_run_id);
$function$;

comment on function api.backtest_show(uuid, uuid) is
$$The whole report of a backtest, with a run beside it if one is named.$$;

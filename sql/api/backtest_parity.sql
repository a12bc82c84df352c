create or replace function api.backtest_parity(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns table (
    kind        text,
    place       bigint,
    of_backtest text,
    of_run      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.place, f.of_backtest, f.of_run
      from lab.list_differences(p_backtest_id, p_run_id) as f;
$function$;

comment on function api.backtest_parity(uuid, uuid) is
$$Where a run did something else than a backtest; no row: nowhere.$$;

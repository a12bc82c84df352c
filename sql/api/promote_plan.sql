create or replace function api.promote_plan(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select lab.describe_rehearsal(p_backtest_id);
$function$;

comment on function api.promote_plan(uuid) is
$$All that a rehearsal of a backtest needs beside its bars; null: it has not been run.$$;

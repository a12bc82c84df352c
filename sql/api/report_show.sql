create or replace function api.report_show(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.build_report(p_run_id, p_now_at);
$function$;

comment on function api.report_show(uuid, timestamptz) is
$$The whole report of a run.$$;

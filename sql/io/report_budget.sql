create or replace function io.report_budget(
    p_run_id    uuid,
    p_remaining integer,
    p_reset_at  timestamptz,
    p_now_at    timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select oms.report_budget(p_run_id, p_remaining, p_reset_at, p_now_at);
$function$;

comment on function io.report_budget(uuid, integer, timestamptz, timestamptz) is
$$Service door to oms.report_budget.$$;

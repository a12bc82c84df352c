create or replace function api.risk_show(
    p_run_id uuid
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.report_risk(p_run_id)
     where run.assert_run(p_run_id);
$function$;

comment on function api.risk_show(uuid) is
$$Limits beside the worst seen, and verdicts by rule.
Raises: MQN02.$$;

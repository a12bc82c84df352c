create or replace function io.evaluate_risk(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select risk.evaluate(p_run_id, p_now_at);
$function$;

comment on function io.evaluate_risk(uuid, timestamptz) is
$$Service door to risk.evaluate: marks the run to market and sets gate RISK.$$;

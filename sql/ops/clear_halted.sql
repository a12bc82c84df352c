create or replace function ops.clear_halted(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        oms.count_unresolved(p_run_id) = 0, 'MQG07', oms.count_unresolved(p_run_id)::text);
    perform oms.cancel_flatten(p_run_id, 'the halt is cleared', p_now_at);
    perform run.clear_halted(p_run_id, p_reason, p_now_at);
end;
$function$;

comment on function ops.clear_halted(uuid, text, timestamptz) is
$$Clears a halt once no order is unresolved, and ends its flatten;
the run is STOPPED and must pass preflight again.
Raises: MQG07; MQS01 not halted.$$;

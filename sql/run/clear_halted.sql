create or replace function run.clear_halted(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        v_run.run_status = 'HALTED', 'MQS01', v_run.run_status || ' is not HALTED');
    perform run.move_run(p_run_id, 'STOPPED', 'cleared: ' || p_reason, p_now_at);
end;
$function$;

comment on function run.clear_halted(uuid, text, timestamptz) is
$$Moves a halted run to STOPPED after a person looked into it; it stays disarmed.
Raises: MQS01 the run is not halted.$$;

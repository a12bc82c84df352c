create or replace function run.stop_run(
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
    if v_run.run_status = 'STOPPED' then
        return;
    end if;
    perform core.assert_that(
        v_run.run_status in ('ARMED', 'RUNNING'), 'MQS01', v_run.run_status || ' to STOPPED');
    perform run.move_run(p_run_id, 'STOPPED', p_reason, p_now_at);
end;
$function$;

comment on function run.stop_run(uuid, text, timestamptz) is
$$Stops an armed or running run: it is disarmed, nothing more is dispatched. One that is stopped stays so.
Raises: MQS01 the run is neither armed nor running.$$;

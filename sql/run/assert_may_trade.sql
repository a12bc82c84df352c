create or replace function run.assert_may_trade(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status text;
    v_shut   text;
begin
    select r.run_status into v_status from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(v_status = 'RUNNING', 'MQS02', coalesce(v_status, 'no such run'));
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(
           p_run_id, run.list_gates(), p_now_at) as s;
    perform core.assert_that(v_shut is null, 'MQG01', v_shut);
end;
$function$;

comment on function run.assert_may_trade(uuid, timestamptz) is
$$Refuses unless the run is RUNNING and all gates are open and fresh at p_now_at.
Why: called when an order is claimed and again before it is dispatched.
Raises: MQS02 not running; MQG01 naming every shut gate and its reason.$$;

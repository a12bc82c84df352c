create or replace function oms.assert_queue(
    p_run_id uuid
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_waiting bigint;
begin
    select count(*) into v_waiting from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_status = 'PENDING';
    perform core.assert_that(v_waiting < 1000, 'MQG22', v_waiting || ' requests wait');
end;
$function$;

comment on function oms.assert_queue(uuid) is
$$Passes while fewer than 1000 requests of a run wait for the gateway.
Why: whoever decides on and on while nothing leaves does not know what it holds. Cancels, stops and what
closes a halted run's positions are not planned here, and wait for nobody.
Raises: MQG22.$$;

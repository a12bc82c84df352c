create or replace function run.expire_deadmen(
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    gate   text,
    reason text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    for v_run in
        select r.* from run.runs as r
         where r.run_status = 'RUNNING'
         order by r.run_id
           for no key update
    loop
        if v_run.clock_kind = 'SERVER' then
            perform core.assert_clock_is_near(p_now_at);
        end if;
        for gate, reason in
            select s.gate, s.reason
              from run.list_shut_gates(v_run.run_id, array['DEADMAN'], p_now_at) as s
        loop
            perform run.set_gate(
                v_run.run_id, 'DEADMAN', false, 'deadman expired: ' || reason, '{}', p_now_at,
                p_now_at);
            run_id := v_run.run_id;
            return next;
        end loop;
    end loop;
end;
$function$;

comment on function run.expire_deadmen(timestamptz) is
$$Halts every running run whose workers have been silent for the deadman ttl; gives those runs.
Why: silence is a reason to stop; run from cron or by the deadman worker.
Raises: MQA03 the caller's clock is wrong.$$;

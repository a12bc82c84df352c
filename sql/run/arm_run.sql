create or replace function run.arm_run(
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
    v_run  run.runs;
    v_shut text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(v_run.run_status <> 'HALTED', 'MQG06', p_run_id::text);
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(p_run_id, array['INTEGRITY', 'RECON', 'RISK'], p_now_at) as s;
    perform core.assert_that(v_shut is null, 'MQG01', v_shut);
    perform core.assert_that(
        v_run.mode <> 'LIVE' or exists (
            select from run.approvals as a
             where a.run_id = p_run_id
               and a.approved_by <> session_user
               and a.approved_at between p_now_at - interval '15 minutes' and p_now_at),
        'MQG04', session_user);
    perform run.move_run(p_run_id, 'ARMED', p_reason, p_now_at);
end;
$function$;

comment on function run.arm_run(uuid, text, timestamptz) is
$$Arms a run whose integrity, reconcile and risk gates are open and fresh.
A LIVE run needs an approval by another login, at most 15 minutes old.
Raises: MQG06 halted; MQG01 a gate is shut; MQG04 no second person; MQS01; MQS04.$$;

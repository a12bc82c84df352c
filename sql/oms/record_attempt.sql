create or replace function oms.record_attempt(
    p_run         run.runs,
    p_outbox_id   bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq bigint;
    v_no  integer;
begin
    perform set_config('synchronous_commit', 'on', true);
    v_seq := oms.move_outbox(
        p_run.run_id, p_outbox_id, 'DISPATCHING', p_worker_name, 'dispatching', p_now_at);
    insert into oms.attempts (
        run_id, outbox_id, attempt_no, dispatch_seq, worker_name, deadman_gate_seq,
        integrity_gate_seq, recon_gate_seq, risk_gate_seq, gates_expire_at, lease_epoch,
        lease_expires_at, armed_epoch, begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid)
    select p_run.run_id, p_outbox_id,
           (select count(*) + 1 from oms.attempts as a
             where a.run_id = p_run.run_id and a.outbox_id = p_outbox_id),
           v_seq, p_worker_name,
           max(g.gate_seq) filter (where g.gate = 'DEADMAN'),
           max(g.gate_seq) filter (where g.gate = 'INTEGRITY'),
           max(g.gate_seq) filter (where g.gate = 'RECON'),
           max(g.gate_seq) filter (where g.gate = 'RISK'),
           min(g.expires_at), max(h.lease_epoch), max(l.expires_at), p_run.armed_epoch,
           session_user, p_now_at, p_now_at + interval '2 s', pg_current_wal_insert_lsn(),
           pg_current_xact_id()
      from run.gates as g
      left join run.leases as l
        on (l.engine_id, l.account_id, l.worker_kind)
           = (p_run.engine_id, p_run.account_id, 'gateway')
      left join run.lease_history as h
        on h.run_id = g.run_id and h.worker_kind = l.worker_kind and h.lease_epoch = l.lease_epoch
     where g.run_id = p_run.run_id
    returning attempt_no into v_no;
    return v_no;
end;
$function$;

comment on function oms.record_attempt(run.runs, bigint, text, timestamptz) is
$$Writes the attempt row with the gate verdicts and the gateway's lease it rests on; gives its number.
Why: each attempt refers to four OPEN gate rows by foreign key, and a second one to an absence proof.
Raises: 23503 a gate row is shut, or no proof of absence; 23502 no gateway leads;
23514 a gate or the lease has expired.$$;

create or replace function oms.record_attempt(
    p_run         run.runs,
    p_row         oms.outbox,
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
        p_run.run_id, p_row.outbox_id, 'DISPATCHING', p_worker_name, 'dispatching', p_now_at);
    insert into oms.attempts (
        run_id, outbox_id, attempt_no, request_kind, lane, dispatch_seq, worker_name,
        continuity_gate_seq, deadman_gate_seq, integrity_gate_seq, recon_gate_seq, risk_gate_seq,
        gates_expire_at, flatten_seq, order_qty, held_qty, buy_qty, sell_qty, lease_epoch,
        lease_expires_at, armed_epoch, begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid)
    select p_run.run_id, p_row.outbox_id,
           (select count(*) + 1 from oms.attempts as a
             where a.run_id = p_run.run_id and a.outbox_id = p_row.outbox_id),
           p_row.request_kind, p_row.lane, v_seq, p_worker_name,
           max(g.gate_seq) filter (where g.gate = 'CONTINUITY'),
           max(g.gate_seq) filter (where g.gate = 'DEADMAN'),
           max(g.gate_seq) filter (where g.gate = 'INTEGRITY'),
           max(g.gate_seq) filter (where g.gate = 'RECON'),
           max(g.gate_seq) filter (where g.gate = 'RISK'),
           min(g.expires_at), max(q.flatten_seq), max(q.order_qty), max(q.held_qty), max(q.buy_qty),
           max(q.sell_qty), max(h.lease_epoch), max(l.expires_at), p_run.armed_epoch,
           session_user, p_now_at, p_now_at + interval '2 s', pg_current_wal_insert_lsn(),
           pg_current_xact_id()
      from run.lease_history as h
      join run.leases as l using (engine_id, account_id, worker_kind, lease_epoch)
      left join oms.get_reduction(p_row) as q on true
      left join run.gates as g on g.run_id = h.run_id and p_row.request_kind = 'SUBMIT'
       and (p_row.lane = 'GATED' or g.gate in ('CONTINUITY', 'RECON'))
     where h.run_id = p_run.run_id and h.worker_kind = 'gateway'
    returning attempt_no into v_no;
    return v_no;
end;
$function$;

comment on function oms.record_attempt(run.runs, oms.outbox, text, timestamptz) is
$$Writes the attempt row with the gate verdicts and the gateway's lease it rests on; gives its number.
Why: each submit refers to five OPEN gate rows by foreign key, and a second one to an absence proof. A
cancel rests on no gate; an order that flattens on two, and on the position that it lowers.
Raises: 23503 a gate row is shut, or no proof of absence; 23502 no gateway leads;
23514 a gate or the lease has expired.$$;

create or replace function recon.repair_statuses(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_drift record;
    v_seq   bigint;
    v_count bigint := 0;
begin
    for v_drift in
        select d.drift_kind, d.drift_key, d.theirs as to_status, o.order_id
          from recon.drifts as d
          join recon.drift_kinds as k using (drift_kind)
          join oms.orders as o on o.run_id = d.run_id and o.client_order_id = d.drift_key
         where d.run_id = p_run_id and d.snapshot_seq = p_snapshot_seq
           and d.is_settled and k.repair_class = 'FORWARD_STATUS'
         order by o.order_id
    loop
        v_seq := oms.follow_status(
            p_run_id, v_drift.order_id, v_drift.to_status,
            format('snapshot %s says %s', p_snapshot_seq, v_drift.to_status), p_now_at);
        continue when v_seq is null;
        insert into recon.repairs (
            run_id, snapshot_seq, drift_kind, drift_key, order_id, history_seq, to_status,
            repaired_at)
        values (p_run_id, p_snapshot_seq, v_drift.drift_kind, v_drift.drift_key,
                v_drift.order_id, v_seq, v_drift.to_status, p_now_at);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$function$;

comment on function recon.repair_statuses(uuid, bigint, timestamptz) is
$$Moves our own orders forward to the status that a snapshot shows, where that lasted for the grace and
no fill is missing; gives how many. Each repair is kept.
Why: the one thing that reconcile may mend; shares and money are never among it.$$;

create or replace view inv.a_repair_never_fills as
select r.run_id, format('snapshot %s: %s', r.snapshot_seq, r.drift_key) as what
  from recon.repairs as r
  join oms.order_history as h
    on (h.run_id, h.order_id, h.history_seq) = (r.run_id, r.order_id, r.history_seq)
  left join oms.order_history as b
    on b.run_id = r.run_id and b.order_id = r.order_id and b.history_seq = r.history_seq - 1
  left join recon.drifts as d
    on (d.run_id, d.snapshot_seq, d.drift_kind, d.drift_key)
       = (r.run_id, r.snapshot_seq, r.drift_kind, r.drift_key)
 where b.cum_qty is distinct from h.cum_qty
    or d.is_settled is not true
    or d.theirs is distinct from r.to_status;

comment on view inv.a_repair_never_fills is
$$I55: A repair moves the status of an order to what the broker said for longer than the grace; the filled
quantity stays.$$;

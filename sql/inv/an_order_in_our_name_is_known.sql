create or replace view inv.an_order_in_our_name_is_known as
select s.run_id, t.client_order_id as what
  from recon.snapshots as s
  join run.runs as r using (run_id)
 cross join lateral recon.parse_orders(s.document) as t
 where s.snapshot_seq = (select max(l.snapshot_seq) from recon.snapshots as l
                          where l.run_id = s.run_id)
   and s.account_id = r.account_id
   and starts_with(t.client_order_id, r.engine_id || '_')
   and not exists (
       select from oms.broker_map as m
         join oms.outbox as b using (run_id, outbox_id)
         join oms.orders as o using (run_id, order_id)
        where o.client_order_id = t.client_order_id)
   and not exists (
       select from recon.drifts as d
        where d.run_id = s.run_id and d.snapshot_seq = s.snapshot_seq
          and strpos(d.drift_key, t.client_order_id) > 0)
   and not exists (
       select from oms.orders as o
        where o.client_order_id = t.client_order_id and o.order_status = 'REJECTED');

comment on view inv.an_order_in_our_name_is_known is
$$I42: An order that the broker shows under our prefix is one that we sent, or a difference.$$;

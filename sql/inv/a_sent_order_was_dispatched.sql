create or replace view inv.a_sent_order_was_dispatched as
select m.run_id, 'outbox ' || m.outbox_id as what
  from oms.broker_map as m
 where not exists (
        select from oms.attempts as a
          join oms.permits as p using (run_id, outbox_id, attempt_no)
         where a.run_id = m.run_id and a.outbox_id = m.outbox_id)
    or not exists (
        select from oms.outbox_history as h
         where h.run_id = m.run_id and h.outbox_id = m.outbox_id and h.history_seq = m.sent_seq
           and h.to_status = 'SENT' and h.from_status in ('DISPATCHING', 'AMBIGUOUS'));

comment on view inv.a_sent_order_was_dispatched is
$$I02 I07b: An order known to the broker was dispatched by us, with an attempt and a permit.$$;

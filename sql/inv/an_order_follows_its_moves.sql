create or replace view inv.an_order_follows_its_moves as
select h.run_id, format('order %s step %s', h.order_id, h.history_seq) as what
  from oms.order_history as h
  left join oms.order_moves as m
    on m.from_status = h.from_status and m.to_status = h.to_status
  left join oms.order_history as b
    on b.run_id = h.run_id and b.order_id = h.order_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NONE') <> h.from_status
    or b.moved_at > h.moved_at
    or b.cum_qty > h.cum_qty and not exists (
        select from oms.inbox as i
         where i.run_id = h.run_id and i.order_id = h.order_id and i.previous_id is not null);

comment on view inv.an_order_follows_its_moves is
$$I06 I06c: Orders make legal moves only, in order of time, and what is filled shrinks only after a bust
or correction.$$;

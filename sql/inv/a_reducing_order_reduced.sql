create or replace view inv.a_reducing_order_reduced as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  join oms.outbox as b using (run_id, outbox_id)
  join oms.orders as o using (run_id, order_id)
 where a.lane = 'REDUCING'
   and (o.order_qty = a.order_qty
        and risk.is_reducing(a.held_qty, a.buy_qty, a.sell_qty, a.order_qty)
        and exists (
            select from (
                select e.booked_at, sum(e.qty_delta) over s as held_qty, lead(e.booked_at) over s as next_at
                  from ledger.entries as e
                 where e.run_id = a.run_id and e.symbol = o.symbol
                window s as (order by e.entry_seq)) as h
             where h.held_qty = a.held_qty and h.booked_at <= a.begun_at
               and (h.next_at >= a.begun_at) is not false)
       ) is not true;

comment on view inv.a_reducing_order_reduced is
$$I60: Every order of the reducing lane could only lower the position that fills and splits had made when it
was begun; what was booked at the same instant may have come before or after.$$;

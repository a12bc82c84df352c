create or replace view inv.a_position_has_its_stop as
select p.run_id, p.symbol as what
  from ledger.positions as p
  join run.runs as r using (run_id)
  join strat.assignments as a using (run_id)
  join oms.stop_plans as s using (run_id)
 where r.run_status = 'RUNNING'
   and a.stop_bps > 0
   and p.position_qty <> 0
   and p.changed_at < s.planned_at
   and not oms.is_being_traded(p.run_id, p.symbol)
   and not exists (
        select from oms.orders as o
         where o.run_id = p.run_id and o.symbol = p.symbol and o.time_in_force = 'GTC'
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
           and (o.pending_op <> 'NONE' or o.leaves_qty * sign(o.order_qty) = -p.position_qty))
   and not exists (
        select from oms.order_history as h
          join oms.orders as o using (run_id, order_id)
         where o.run_id = p.run_id and o.symbol = p.symbol and h.moved_at >= s.planned_at);

comment on view inv.a_position_has_its_stop is
$$I58: An open position of a strategy that asks for it has one live stop for its shares, since the stops
were last looked after: unless something of its symbol works, or has just changed.$$;

create or replace view inv.a_lot_is_its_history as
select l.run_id, format('%s matching %s lot %s', l.symbol, l.match_no, l.lot_seq) as what
  from ledger.lots as l
  left join lateral (
        select sum(c.closed_qty) as qty, sum(c.cost_micros) as cost
          from ledger.lot_closes as c
         where (c.run_id, c.symbol, c.match_no, c.lot_seq)
               = (l.run_id, l.symbol, l.match_no, l.lot_seq)) as c on true
  left join lateral (
        select sum(s.to_qty - s.from_qty) as qty, sum(s.to_cost_micros - s.from_cost_micros) as cost
          from ledger.lot_splits as s
         where (s.run_id, s.symbol, s.match_no, s.lot_seq)
               = (l.run_id, l.symbol, l.match_no, l.lot_seq)) as s on true
 where l.open_qty <> l.opened_qty - coalesce(c.qty, 0) + coalesce(s.qty, 0)
    or l.split_qty <> coalesce(s.qty, 0)
    or l.open_cost_micros <> l.opened_qty::numeric * l.entry_price_micros - coalesce(c.cost, 0)
                             + coalesce(s.cost, 0)
 union all
select s.run_id, format('%s split %s matching %s', s.symbol, s.adjustment_seq, s.match_no)
  from ledger.splits as s
  left join lateral (
        select sum(x.from_qty) as held, sum(x.to_qty) as became,
               sum(x.from_cost_micros - x.to_cost_micros) as cost
          from ledger.lot_splits as x
         where (x.run_id, x.symbol, x.match_no, x.adjustment_seq)
               = (s.run_id, s.symbol, s.match_no, s.adjustment_seq)) as x on true
  join ledger.adjustments as a using (run_id, adjustment_seq)
 where (s.held_qty, s.new_qty, s.cost_micros)
       <> (coalesce(x.held, 0), coalesce(x.became, 0), coalesce(x.cost, 0))
    or s.reference_micros is distinct from a.reference_micros;

comment on view inv.a_lot_is_its_history is
$$I52: Shares and cost of a lot are what opened it, less its closes, and what splits made of it; a split
gives the lots exactly the whole shares and the cost that it took, but for the fraction paid in cash.$$;

create or replace view inv.a_position_is_its_lots as
select coalesce(p.run_id, l.run_id) as run_id, coalesce(p.symbol, l.symbol) as what
  from ledger.positions as p
  full join (select l.run_id, l.symbol, sum(l.open_qty) as qty,
                    sum(l.open_cost_micros) as cost,
                    min(sign(l.open_qty)) <> max(sign(l.open_qty)) as is_split
               from ledger.lots as l
               join ledger.positions as h using (run_id, symbol, match_no)
              where l.open_qty <> 0 group by l.run_id, l.symbol) as l
    on l.run_id = p.run_id and l.symbol = p.symbol
 where coalesce(p.position_qty, 0) <> coalesce(l.qty, 0)
    or coalesce(p.cost_micros, 0) <> coalesce(l.cost, 0)
    or l.is_split;

comment on view inv.a_position_is_its_lots is
$$I04b I04c: Quantity and cost of a position are those of its open lots, which are all on one side.$$;

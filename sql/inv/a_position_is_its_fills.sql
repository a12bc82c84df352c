create or replace view inv.a_position_is_its_fills as
select coalesce(p.run_id, f.run_id) as run_id, coalesce(p.symbol, f.symbol) as what
  from ledger.positions as p
  full join (select f.run_id, f.symbol, sum(f.fill_qty) as qty
               from ledger.fills as f group by f.run_id, f.symbol) as f
    on f.run_id = p.run_id and f.symbol = p.symbol
  left join (select s.run_id, s.symbol, s.match_no, sum(s.new_qty - s.held_qty) as qty
               from ledger.splits as s group by s.run_id, s.symbol, s.match_no) as s
    on s.run_id = p.run_id and s.symbol = p.symbol and s.match_no = p.match_no
  left join (select e.run_id, e.symbol, sum(e.qty_delta) as qty
               from ledger.entries as e group by e.run_id, e.symbol) as e
    on e.run_id = p.run_id and e.symbol = p.symbol
 where coalesce(p.position_qty, 0) <> coalesce(f.qty, 0) + coalesce(s.qty, 0)
    or coalesce(p.position_qty, 0) <> coalesce(e.qty, 0);

comment on view inv.a_position_is_its_fills is
$$I04: A position is the sum of its fills and of what splits made of it, and of the ledger's changes.$$;

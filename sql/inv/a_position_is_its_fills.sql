create or replace view inv.a_position_is_its_fills as
select coalesce(p.run_id, f.run_id) as run_id, coalesce(p.symbol, f.symbol) as what
  from ledger.positions as p
  full join (select f.run_id, f.symbol, sum(f.fill_qty) as qty
               from ledger.fills as f group by f.run_id, f.symbol) as f
    on f.run_id = p.run_id and f.symbol = p.symbol
 where coalesce(p.position_qty, 0) <> coalesce(f.qty, 0);

comment on view inv.a_position_is_its_fills is
$$A position is the sum of its fills.$$;

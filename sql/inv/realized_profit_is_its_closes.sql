create or replace view inv.realized_profit_is_its_closes as
select p.run_id, 'realized' as what
  from ledger.portfolios as p
 where p.realized_micros <> (
        select coalesce(sum(c.realized_micros), 0)
          from ledger.lot_closes as c
          join ledger.positions as s using (run_id, symbol, match_no)
         where c.run_id = p.run_id) + (
        select coalesce(sum(x.realized_micros), 0)
          from ledger.splits as x
          join ledger.positions as s using (run_id, symbol, match_no)
         where x.run_id = p.run_id)
    or p.realized_micros <> (
        select coalesce(sum(s.realized_micros), 0)
          from ledger.positions as s where s.run_id = p.run_id);

comment on view inv.realized_profit_is_its_closes is
$$I54: Realised profit is the sum over closed lots and cash in lieu, and over positions.$$;

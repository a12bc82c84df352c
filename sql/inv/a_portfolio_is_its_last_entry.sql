create or replace view inv.a_portfolio_is_its_last_entry as
select p.run_id, 'portfolio' as what
  from ledger.portfolios as p
  left join lateral (
        select e.* from ledger.entries as e
         where e.run_id = p.run_id order by e.entry_seq desc limit 1) as e on true
 where (p.entry_seq, p.cash_micros, p.cost_micros, p.realized_micros, p.fees_micros,
        p.income_micros)
       is distinct from
       (e.entry_seq, e.cash_micros, e.cost_micros, e.realized_micros, e.fees_micros,
        e.income_micros);

comment on view inv.a_portfolio_is_its_last_entry is
$$I03c: The balances of a run are those of its last ledger entry.$$;

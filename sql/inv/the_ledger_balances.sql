create or replace view inv.the_ledger_balances as
select e.run_id, 'entry ' || e.entry_seq as what
  from ledger.entries as e
  left join ledger.entries as b on b.run_id = e.run_id and b.entry_seq = e.entry_seq - 1
 where e.cash_micros::numeric + e.cost_micros
       <> e.deposits_micros::numeric + e.realized_micros - e.fees_micros + e.income_micros
    or e.cash_micros <> coalesce(b.cash_micros, 0) + e.cash_delta_micros
    or e.cost_micros <> coalesce(b.cost_micros, 0) + e.cost_delta_micros
    or e.realized_micros <> coalesce(b.realized_micros, 0) + e.realized_delta_micros
    or e.fees_micros <> coalesce(b.fees_micros, 0) + e.fee_delta_micros
    or e.income_micros <> coalesce(b.income_micros, 0) + e.income_delta_micros;

comment on view inv.the_ledger_balances is
$$I03 I03b: Cash plus cost equals deposits plus realised profit and dividends minus fees, after every
entry, to the micro.$$;

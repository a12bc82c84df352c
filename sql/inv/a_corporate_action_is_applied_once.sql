create or replace view inv.a_corporate_action_is_applied_once as
select d.run_id, format('%s %s', d.symbol, d.action_id) as what
  from ledger.adjustments as d
  left join md.corporate_actions as a
    on (a.action_id, a.symbol, a.action_kind, a.ratio_num, a.ratio_den, a.amount_micros)
       = (d.action_id, d.symbol, d.action_kind, d.ratio_num, d.ratio_den, d.amount_micros)
  left join ledger.entries as e using (run_id, adjustment_seq)
 where a.action_id is null
    or d.applied_at < a.effective_at
    or d.action_kind = 'SPLIT' and e.entry_seq is null
    or d.action_kind = 'CASH_DIVIDEND'
       and (e.booked_at < a.pay_at or e.cash_delta_micros <> d.held_qty * d.amount_micros)
 union all
select min(d.run_id::text)::uuid, 'action ' || d.action_id
  from ledger.adjustments as d
 group by d.run_id, d.action_id
having count(*) > 1
 union all
select s.run_id, format('%s matching %s', p.symbol, p.match_no)
  from ledger.adjustments as s
  join ledger.positions as p using (run_id, symbol)
 where s.action_kind = 'SPLIT'
   and not exists (
        select from ledger.splits as x
         where (x.run_id, x.symbol, x.match_no, x.adjustment_seq)
               = (s.run_id, s.symbol, p.match_no, s.adjustment_seq));

comment on view inv.a_corporate_action_is_applied_once is
$$I53: What the books took over was announced just so, once, not before its day; a split is in the
matching that stands, a dividend is paid for what was held, not before its day of payment.$$;

create or replace function ledger.pay_dividends(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_due   ledger.adjustments;
    v_entry ledger.entries;
    v_count bigint := 0;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    for v_due in
        select d.* from ledger.adjustments as d
          join run.universe as u using (run_id, symbol)
         cross join lateral md.list_actions_as_of(d.symbol, p_now_at) as a
         where d.run_id = p_run_id and d.action_kind = 'CASH_DIVIDEND'
           and a.action_id = d.action_id and a.pay_at <= p_now_at
           and not exists (select from ledger.entries as e
                            where e.run_id = p_run_id and e.adjustment_seq = d.adjustment_seq)
         order by a.pay_at, d.adjustment_seq
    loop
        v_entry.run_id := p_run_id;
        v_entry.entry_kind := v_due.entry_kind;
        v_entry.adjustment_seq := v_due.adjustment_seq;
        v_entry.symbol := v_due.symbol;
        v_entry.qty_delta := 0;
        v_entry.cash_delta_micros := v_due.dividend_micros;
        v_entry.cost_delta_micros := 0;
        v_entry.realized_delta_micros := 0;
        v_entry.fee_delta_micros := 0;
        v_entry.income_delta_micros := v_due.dividend_micros;
        v_entry.booked_at := p_now_at;
        v_entry := ledger.append_entry(v_entry, null);
        perform audit.append_event(
            p_run_id, 'LEDGER', 'DIVIDEND_BOOKED',
            jsonb_build_object(
                'action_id', v_due.action_id, 'symbol', v_due.symbol, 'held_qty', v_due.held_qty,
                'amount_micros', v_due.amount_micros, 'dividend_micros', v_due.dividend_micros,
                'cash_micros', v_entry.cash_micros), p_now_at);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$function$;

comment on function ledger.pay_dividends(uuid, timestamptz) is
$$Books the dividends of a run whose day of payment has come, once each: cash and income by what was held
before the ex session, a debit for a short position; gives how many. One cancelled before is not paid.$$;

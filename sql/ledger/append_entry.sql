create or replace function ledger.append_entry(
    p_entry    ledger.entries,
    p_match_no bigint
)
returns ledger.entries
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_entry ledger.entries;
begin
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, fill_seq, adjustment_seq, symbol, qty_delta,
        deposit_delta_micros, cash_delta_micros, cost_delta_micros, realized_delta_micros,
        fee_delta_micros, income_delta_micros, deposits_micros, cash_micros, cost_micros,
        realized_micros, fees_micros, income_micros, booked_at)
    select p_entry.run_id, p.entry_seq + 1, p_entry.entry_kind, p_entry.fill_seq,
           p_entry.adjustment_seq, p_entry.symbol, p_entry.qty_delta, 0, p_entry.cash_delta_micros,
           p_entry.cost_delta_micros, p_entry.realized_delta_micros, p_entry.fee_delta_micros,
           p_entry.income_delta_micros, p.deposits_micros, p.cash_micros + p_entry.cash_delta_micros,
           p.cost_micros + p_entry.cost_delta_micros,
           p.realized_micros + p_entry.realized_delta_micros,
           p.fees_micros + p_entry.fee_delta_micros,
           p.income_micros + p_entry.income_delta_micros, p_entry.booked_at
      from ledger.portfolios as p
     where p.run_id = p_entry.run_id
    returning * into v_entry;
    perform ledger.carry_entry(v_entry, p_match_no);
    return v_entry;
end;
$function$;

comment on function ledger.append_entry(ledger.entries, bigint) is
$$Appends an entry of given changes to the balances before it, and carries it to portfolio and position;
gives the entry. p_match_no: the matching of the symbol that counts from now on. The caller holds the
run's portfolio row.
Raises: 22003 overflow; 23514 a named rule.$$;

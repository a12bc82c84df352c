create or replace function ledger.carry_entry(
    p_entry    ledger.entries,
    p_match_no bigint
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update ledger.portfolios as p
       set entry_seq       = p_entry.entry_seq,
           cash_micros     = p_entry.cash_micros,
           cost_micros     = p_entry.cost_micros,
           realized_micros = p_entry.realized_micros,
           fees_micros     = p_entry.fees_micros,
           income_micros   = p_entry.income_micros
     where p.run_id = p_entry.run_id;

    insert into ledger.positions (
        run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at)
    select p_entry.run_id, p_entry.symbol, p_match_no, 0, 0, 0, p_entry.booked_at
     where p_entry.entry_kind <> 'DIVIDEND'
    on conflict (run_id, symbol) do nothing;

    update ledger.positions as p
       set match_no        = p_match_no,
           position_qty    = p.position_qty + p_entry.qty_delta,
           cost_micros     = p.cost_micros + p_entry.cost_delta_micros,
           realized_micros = p.realized_micros + p_entry.realized_delta_micros,
           changed_at      = p_entry.booked_at
     where p.run_id = p_entry.run_id and p.symbol = p_entry.symbol
       and p_entry.entry_kind <> 'DIVIDEND';
$function$;

comment on function ledger.carry_entry(ledger.entries, bigint) is
$$Carries an entry to the run's portfolio and, but for a dividend, to the symbol's position.$$;

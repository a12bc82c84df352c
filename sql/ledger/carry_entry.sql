create or replace function ledger.carry_entry(
    p_entry    ledger.entries,
    p_fill     ledger.fills,
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
           fees_micros     = p_entry.fees_micros
     where p.run_id = p_entry.run_id;

    insert into ledger.positions (
        run_id, symbol, match_no, position_qty, cost_micros, realized_micros, changed_at)
    values (p_entry.run_id, p_fill.symbol, p_match_no, p_fill.fill_qty, p_entry.cost_delta_micros,
            p_entry.realized_delta_micros, p_entry.booked_at)
    on conflict (run_id, symbol) do update
       set match_no        = excluded.match_no,
           position_qty    = positions.position_qty + excluded.position_qty,
           cost_micros     = positions.cost_micros + excluded.cost_micros,
           realized_micros = positions.realized_micros + excluded.realized_micros,
           changed_at      = excluded.changed_at;
$function$;

comment on function ledger.carry_entry(ledger.entries, ledger.fills, bigint) is
$$Carries a fill's entry to the run's portfolio and to the symbol's position.$$;

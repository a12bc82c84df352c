create or replace function ledger.open_portfolio(
    p_run_id      uuid,
    p_cash_micros bigint,
    p_now_at      timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, qty_delta, deposit_delta_micros, cash_delta_micros,
        cost_delta_micros, realized_delta_micros, fee_delta_micros, income_delta_micros,
        deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros, income_micros,
        booked_at)
    values (p_run_id, 1, 'DEPOSIT', 0, p_cash_micros, p_cash_micros, 0, 0, 0, 0, p_cash_micros,
            p_cash_micros, 0, 0, 0, 0, p_now_at);
    insert into ledger.portfolios (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros,
        income_micros)
    values (p_run_id, 1, p_cash_micros, p_cash_micros, 0, 0, 0, 0);
    perform audit.append_event(
        p_run_id, 'LEDGER', 'PORTFOLIO_OPENED', jsonb_build_object('cash_micros', p_cash_micros),
        p_now_at);
end;
$function$;

comment on function ledger.open_portfolio(uuid, bigint, timestamptz) is
$$Opens the books of a run with its opening cash, in micros.
Raises: 23505 opened already.$$;

create or replace function ledger.post_fill(
    p_run_id          uuid,
    p_account_id      text,
    p_execution_id    text,
    p_client_order_id text,
    p_symbol          text,
    p_fill_qty        bigint,
    p_price_micros    bigint,
    p_fee_micros      bigint,
    p_is_late         boolean,
    p_executed_at     timestamptz,
    p_now_at          timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq      bigint;
    v_cash     bigint;
    v_realized bigint;
    v_cost     bigint;
    v_entry    ledger.entries;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    select coalesce(max(f.fill_seq), 0) + 1 into v_seq from ledger.fills as f where f.run_id = p_run_id;
    insert into ledger.fills (
        run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty, price_micros,
        fee_micros, is_late, executed_at, booked_at)
    values (p_run_id, v_seq, p_account_id, p_execution_id, p_client_order_id, p_symbol, p_fill_qty,
            p_price_micros, p_fee_micros, p_is_late, p_executed_at, p_now_at);

    select m.realized_micros, m.cost_micros into v_realized, v_cost
      from ledger.match_lots(p_run_id, v_seq, p_symbol, p_fill_qty, p_price_micros, p_now_at) as m;
    v_cash := -p_fill_qty * p_price_micros - p_fee_micros;

    insert into ledger.entries (
        run_id, entry_seq, entry_kind, fill_seq, deposit_delta_micros, cash_delta_micros,
        cost_delta_micros, realized_delta_micros, fee_delta_micros, deposits_micros, cash_micros,
        cost_micros, realized_micros, fees_micros, booked_at)
    select p_run_id, p.entry_seq + 1, 'FILL', v_seq, 0, v_cash, v_cost, v_realized, p_fee_micros,
           p.deposits_micros, p.cash_micros + v_cash, p.cost_micros + v_cost,
           p.realized_micros + v_realized, p.fees_micros + p_fee_micros, p_now_at
      from ledger.portfolios as p
     where p.run_id = p_run_id
    returning * into v_entry;
    perform ledger.carry_entry(v_entry, p_symbol, p_fill_qty);
    perform audit.append_event(
        p_run_id, 'LEDGER', 'FILL_BOOKED',
        jsonb_build_object(
            'fill_seq', v_seq, 'execution_id', p_execution_id, 'client_order_id', p_client_order_id,
            'symbol', p_symbol, 'fill_qty', p_fill_qty, 'price_micros', p_price_micros,
            'fee_micros', p_fee_micros, 'realized_micros', v_realized,
            'cash_micros', v_entry.cash_micros, 'is_late', p_is_late),
        p_now_at);
    return v_seq;
end;
$function$;

comment on function ledger.post_fill(
    uuid, text, text, text, text, bigint, bigint, bigint, boolean, timestamptz, timestamptz) is
$$Books one execution: fill, lots, entry, position and portfolio; gives its fill_seq.
p_fill_qty signed (plus bought), price and fee in micros.
Why: money that moved is always booked, in one transaction, and balances to the micro.
Raises: 23505 an execution booked already; 22003 overflow; 23514 a named rule.$$;

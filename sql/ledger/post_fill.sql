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
    p_corrects_seq    bigint,
    p_executed_at     timestamptz,
    p_now_at          timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill ledger.fills;
begin
    perform from ledger.portfolios as p where p.run_id = p_run_id for update;
    insert into ledger.fills (
        run_id, fill_seq, account_id, execution_id, client_order_id, symbol, fill_qty, price_micros,
        fee_micros, is_late, corrects_seq, executed_at, booked_at)
    values (p_run_id, ledger.get_next_seq(p_run_id), p_account_id, p_execution_id, p_client_order_id,
            p_symbol, p_fill_qty, p_price_micros, p_fee_micros, p_is_late, p_corrects_seq,
            p_executed_at, p_now_at)
    returning * into v_fill;
    perform ledger.post_entry(v_fill);
    return v_fill.fill_seq;
end;
$function$;

comment on function ledger.post_fill(
    uuid, text, text, text, text, bigint, bigint, bigint, boolean, bigint, timestamptz,
    timestamptz) is
$$Books one execution: fill, lots, entry, position and portfolio; gives its fill_seq.
p_fill_qty signed (plus bought), price and fee in micros; p_corrects_seq: the reversed fill that this
one replaces, or null.
Why: money that moved is always booked, in one transaction, and balances to the micro.
Raises: 23505 an execution booked already; 22003 overflow; 23514 a named rule.$$;

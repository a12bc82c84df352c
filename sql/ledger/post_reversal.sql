create or replace function ledger.post_reversal(
    p_run_id      uuid,
    p_fill_seq    bigint,
    p_executed_at timestamptz,
    p_now_at      timestamptz
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
        fee_micros, is_late, reverses_seq, executed_at, booked_at)
    select f.run_id, ledger.get_next_seq(p_run_id), f.account_id, f.execution_id || '/reversed',
           f.client_order_id, f.symbol, -f.fill_qty, f.price_micros, -f.fee_micros, f.is_late,
           f.fill_seq, p_executed_at, p_now_at
      from ledger.fills as f
     where f.run_id = p_run_id and f.fill_seq = p_fill_seq
    returning * into strict v_fill;
    perform ledger.post_entry(v_fill);
    return v_fill.fill_seq;
end;
$function$;

comment on function ledger.post_reversal(uuid, bigint, timestamptz, timestamptz) is
$$Takes a booked fill back by a row of its own that names it; gives the row's fill_seq. The symbol's
lots are matched anew from the fills that still stand; nothing is deleted.
Why: a broker may bust or correct an execution days later; what was believed until then stays readable.
Raises: 23505 reversed before.$$;

create or replace function ledger.post_entry(
    p_fill ledger.fills
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held  ledger.positions;
    v_moved record;
    v_entry ledger.entries;
    v_cash  bigint := -p_fill.fill_qty * p_fill.price_micros - p_fill.fee_micros;
begin
    select coalesce(max(p.match_no), 1), coalesce(max(p.cost_micros), 0),
           coalesce(max(p.realized_micros), 0)
      into v_held.match_no, v_held.cost_micros, v_held.realized_micros
      from ledger.positions as p
     where p.run_id = p_fill.run_id and p.symbol = p_fill.symbol;
    if p_fill.reverses_seq is null and ledger.is_newest_fill(p_fill) then
        v_moved := ledger.match_lots(p_fill, v_held.match_no, p_fill.fill_seq);
    else
        v_held.match_no := v_held.match_no + 1;
        select m.realized_micros - v_held.realized_micros as realized_micros,
               m.cost_micros - v_held.cost_micros as cost_micros
          into v_moved
          from ledger.rematch_lots(p_fill.run_id, p_fill.symbol, v_held.match_no) as m;
    end if;
    insert into ledger.entries (
        run_id, entry_seq, entry_kind, fill_seq, deposit_delta_micros, cash_delta_micros,
        cost_delta_micros, realized_delta_micros, fee_delta_micros, deposits_micros, cash_micros,
        cost_micros, realized_micros, fees_micros, booked_at)
    select p_fill.run_id, p.entry_seq + 1,
           case when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end, p_fill.fill_seq,
           0, v_cash, v_moved.cost_micros, v_moved.realized_micros, p_fill.fee_micros,
           p.deposits_micros, p.cash_micros + v_cash, p.cost_micros + v_moved.cost_micros,
           p.realized_micros + v_moved.realized_micros, p.fees_micros + p_fill.fee_micros,
           p_fill.booked_at
      from ledger.portfolios as p
     where p.run_id = p_fill.run_id
    returning * into v_entry;
    perform ledger.carry_entry(v_entry, p_fill, v_held.match_no);
    perform audit.append_event(
        p_fill.run_id, 'LEDGER', p_fill.fill_kind || '_BOOKED',
        jsonb_build_object(
            'fill_seq', p_fill.fill_seq, 'execution_id', p_fill.execution_id,
            'client_order_id', p_fill.client_order_id, 'symbol', p_fill.symbol,
            'fill_qty', p_fill.fill_qty, 'price_micros', p_fill.price_micros,
            'fee_micros', p_fill.fee_micros, 'realized_micros', v_moved.realized_micros,
            'cash_micros', v_entry.cash_micros, 'match_no', v_held.match_no,
            'is_late', p_fill.is_late, 'reverses_seq', p_fill.reverses_seq,
            'corrects_seq', p_fill.corrects_seq),
        p_fill.booked_at);
end;
$function$;

comment on function ledger.post_entry(ledger.fills) is
$$Makes the entry of a booked row: lots, balances, position, diary. A fill that is the symbol's newest
goes on with the matching that stands; a reversal, and a fill executed before one booked already,
match the symbol anew.
Raises: 22003 overflow; 23514 a named rule.$$;

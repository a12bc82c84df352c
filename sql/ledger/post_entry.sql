create or replace function ledger.post_entry(
    p_fill ledger.fills
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_moved record;
    v_entry ledger.entries;
begin
    if p_fill.reverses_seq is null and ledger.is_newest_fill(p_fill) then
        select h.match_no, p_fill.fill_qty as qty_delta, m.realized_micros, m.cost_micros,
               0::bigint as lieu_micros
          into v_moved
          from (select coalesce(max(p.match_no), 1) as match_no from ledger.positions as p
                 where p.run_id = p_fill.run_id and p.symbol = p_fill.symbol) as h
         cross join lateral ledger.match_lots(p_fill, h.match_no, p_fill.fill_seq) as m;
    else
        v_moved := ledger.rematch_position(p_fill.run_id, p_fill.symbol);
    end if;
    v_entry.run_id := p_fill.run_id;
    v_entry.entry_kind := case when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end;
    v_entry.fill_seq := p_fill.fill_seq;
    v_entry.symbol := p_fill.symbol;
    v_entry.qty_delta := v_moved.qty_delta;
    v_entry.cash_delta_micros := -p_fill.fill_qty * p_fill.price_micros - p_fill.fee_micros
                                 + v_moved.lieu_micros;
    v_entry.cost_delta_micros := v_moved.cost_micros;
    v_entry.realized_delta_micros := v_moved.realized_micros;
    v_entry.fee_delta_micros := p_fill.fee_micros;
    v_entry.income_delta_micros := 0;
    v_entry.booked_at := p_fill.booked_at;
    v_entry := ledger.append_entry(v_entry, v_moved.match_no);
    perform audit.append_event(
        p_fill.run_id, 'LEDGER', p_fill.fill_kind || '_BOOKED',
        jsonb_build_object(
            'fill_seq', p_fill.fill_seq, 'execution_id', p_fill.execution_id,
            'client_order_id', p_fill.client_order_id, 'symbol', p_fill.symbol,
            'fill_qty', p_fill.fill_qty, 'price_micros', p_fill.price_micros,
            'fee_micros', p_fill.fee_micros, 'realized_micros', v_moved.realized_micros,
            'cash_micros', v_entry.cash_micros, 'match_no', v_moved.match_no,
            'is_late', p_fill.is_late, 'reverses_seq', p_fill.reverses_seq,
            'corrects_seq', p_fill.corrects_seq, 'executed_at', core.format_iso(p_fill.executed_at)),
        p_fill.booked_at);
end;
$function$;

comment on function ledger.post_entry(ledger.fills) is
$$Makes the entry of a booked row: lots, balances, position, diary. A fill that is the symbol's newest
goes on with the matching that stands; a reversal, and a fill executed before one booked already or
before a split that was applied, match the symbol anew.
Raises: 22003 overflow; 23514 a named rule.$$;

create or replace function replay.match_fill(
    p_lots     ledger.lots[],
    p_fill     ledger.fills,
    p_match_no bigint,
    p_queue_no bigint,
    out lots   ledger.lots[],
    out closes ledger.lot_closes[]
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   ledger.lots;
    v_close ledger.lot_closes;
    v_left  bigint := p_fill.fill_qty;
    v_part  bigint;
begin
    foreach v_lot in array coalesce(p_lots, '{}') loop
        v_part := ledger.compute_close_qty(v_lot.open_qty, v_left);
        if v_part <> 0 then
            v_close := jsonb_populate_record(null::ledger.lot_closes, to_jsonb(v_lot));
            v_close.fill_seq := p_fill.fill_seq;
            v_close.fill_queue_no := p_queue_no;
            v_close.lot_queue_no := v_lot.queue_no;
            v_close.closed_qty := v_part;
            v_close.cost_micros := div(v_lot.open_cost_micros::numeric * v_part, v_lot.open_qty);
            v_close.exit_price_micros := p_fill.price_micros;
            v_close.realized_micros := v_part * p_fill.price_micros - v_close.cost_micros;
            v_close.closed_at := p_fill.booked_at;
            closes := closes || v_close;
            v_lot.open_qty := v_lot.open_qty - v_part;
            v_lot.open_cost_micros := v_lot.open_cost_micros - v_close.cost_micros;
            v_left := v_left + v_part;
        end if;
        lots := lots || v_lot;
    end loop;
    if v_left <> 0 then
        v_lot := jsonb_populate_record(null::ledger.lots, jsonb_build_object(
            'run_id', p_fill.run_id, 'symbol', p_fill.symbol, 'match_no', p_match_no,
            'lot_seq', p_fill.fill_seq, 'queue_no', p_queue_no, 'opened_qty', v_left,
            'open_qty', v_left, 'entry_price_micros', p_fill.price_micros,
            'open_cost_micros', v_left * p_fill.price_micros, 'split_qty', 0,
            'opened_at', p_fill.booked_at));
        lots := lots || v_lot;
    end if;
end;
$function$;

comment on function replay.match_fill(ledger.lots[], ledger.fills, bigint, bigint) is
$$What a fill makes of the lots of its symbol, oldest first: the lots after it, and what it closed.
Why: as ledger.match_lots, by the same ledger.compute_close_qty, without a table.$$;

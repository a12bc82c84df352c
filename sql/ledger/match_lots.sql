create or replace function ledger.match_lots(
    p_fill     ledger.fills,
    p_match_no bigint,
    p_queue_no bigint,
    out realized_micros bigint,
    out cost_micros     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   ledger.lots;
    v_done  ledger.lot_closes;
    v_left  bigint := p_fill.fill_qty;
begin
    realized_micros := 0;
    cost_micros := 0;
    for v_lot in
        select l.* from ledger.lots as l
         where l.run_id = p_fill.run_id and l.symbol = p_fill.symbol and l.match_no = p_match_no
           and l.open_qty <> 0 and sign(l.open_qty) = -sign(p_fill.fill_qty)
         order by l.queue_no
           for update
    loop
        exit when v_left = 0;
        insert into ledger.lot_closes (
            run_id, symbol, match_no, fill_seq, fill_queue_no, lot_seq, lot_queue_no, closed_qty,
            entry_price_micros, split_seq, open_qty, open_cost_micros, exit_price_micros, closed_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_lot.lot_seq,
                v_lot.queue_no, ledger.compute_close_qty(v_lot.open_qty, v_left),
                v_lot.entry_price_micros, v_lot.split_seq, v_lot.open_qty, v_lot.open_cost_micros,
                p_fill.price_micros, p_fill.booked_at)
        returning * into v_done;
        update ledger.lots as l
           set open_qty         = l.open_qty - v_done.closed_qty,
               open_cost_micros = l.open_cost_micros - v_done.cost_micros
         where l.run_id = p_fill.run_id and l.symbol = p_fill.symbol and l.match_no = p_match_no
           and l.lot_seq = v_lot.lot_seq;
        realized_micros := realized_micros + v_done.realized_micros;
        cost_micros := cost_micros - v_done.cost_micros;
        v_left := v_left + v_done.closed_qty;
    end loop;
    if v_left <> 0 then
        insert into ledger.lots (
            run_id, symbol, match_no, lot_seq, queue_no, opened_qty, open_qty, entry_price_micros,
            open_cost_micros, split_qty, opened_at)
        values (p_fill.run_id, p_fill.symbol, p_match_no, p_fill.fill_seq, p_queue_no, v_left, v_left,
                p_fill.price_micros, v_left * p_fill.price_micros, 0, p_fill.booked_at);
        cost_micros := cost_micros + v_left * p_fill.price_micros;
    end if;
end;
$function$;

comment on function ledger.match_lots(ledger.fills, bigint, bigint) is
$$Closes the oldest lots on the other side first, opens a lot with what is left; gives the realised
profit and the change of the cost basis, in micros. p_queue_no: the fill's place in the matching.
Why: FIFO; long and short lots of a symbol never stand together. A part of a lot takes its part of the
lot's cost, rounded towards zero; the rest stays with the lot, so that nothing is lost.$$;

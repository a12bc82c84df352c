create or replace function ledger.split_lots(
    p_adjustment ledger.adjustments,
    p_match_no   bigint
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   record;
    v_lots  jsonb;
begin
    select coalesce(jsonb_agg(l), '[]') into v_lots
      from ledger.list_lot_splits(
           (select array_agg(h) from ledger.lots as h
             where h.run_id = p_adjustment.run_id and h.symbol = p_adjustment.symbol
               and h.match_no = p_match_no and h.open_qty <> 0),
           p_adjustment.ratio_num, p_adjustment.ratio_den) as l;
    insert into ledger.splits (
        run_id, symbol, match_no, adjustment_seq, ratio_num, ratio_den, reference_micros, held_qty,
        cost_micros)
    select p_adjustment.run_id, p_adjustment.symbol, p_match_no, p_adjustment.adjustment_seq,
           p_adjustment.ratio_num, p_adjustment.ratio_den, p_adjustment.reference_micros,
           coalesce(sum(l.from_qty), 0),
           coalesce(sum(l.from_cost_micros - l.to_cost_micros), 0)
      from jsonb_populate_recordset(null::ledger.lot_splits, v_lots) as l;
    for v_lot in
        insert into ledger.lot_splits (
            run_id, symbol, match_no, adjustment_seq, lot_seq, from_qty, to_qty, from_cost_micros,
            to_cost_micros)
        select p_adjustment.run_id, p_adjustment.symbol, p_match_no, p_adjustment.adjustment_seq,
               l.lot_seq, l.from_qty, l.to_qty, l.from_cost_micros, l.to_cost_micros
          from jsonb_populate_recordset(null::ledger.lot_splits, v_lots) as l
         order by l.lot_seq
        returning *
    loop
        update ledger.lots as l
           set open_qty         = v_lot.to_qty,
               open_cost_micros = v_lot.to_cost_micros,
               split_qty        = l.split_qty + v_lot.to_qty - v_lot.from_qty,
               split_seq        = v_lot.adjustment_seq
         where l.run_id = v_lot.run_id and l.symbol = v_lot.symbol
           and l.match_no = v_lot.match_no and l.lot_seq = v_lot.lot_seq;
    end loop;
end;
$function$;

comment on function ledger.split_lots(ledger.adjustments, bigint) is
$$Splits the open lots of a matching as ledger.list_lot_splits says; what becomes of the position, its
cash in lieu and its profit is a row of ledger.splits.
Raises: 23502 a fraction is left and no price for it is known.$$;

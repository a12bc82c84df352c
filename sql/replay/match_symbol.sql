create or replace function replay.match_symbol(
    p_fills       ledger.fills[],
    p_adjustments ledger.adjustments[],
    p_match_no    bigint,
    out lots   ledger.lots[],
    out rows   jsonb
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;
    v_fill  record;
    v_split record;
    v_queue bigint := 0;
begin
    rows := '[]';
    for v_event in
        select e.* from (
            select f.executed_at as at, 1 as nth, f.execution_id as name, f as fill,
                   null::ledger.adjustments as split
              from unnest(p_fills) as f
             union all
            select a.effective_at, 0, a.action_id::text, null::ledger.fills, a
              from unnest(p_adjustments) as a) as e
         order by e.at, e.nth, e.name collate "C"
    loop
        v_queue := v_queue + v_event.nth;
        if v_event.nth = 1 then
            v_fill := replay.match_fill(lots, v_event.fill, p_match_no, v_queue);
            rows := rows || replay.list_rows('ledger.lot_closes', to_jsonb(v_fill.closes))
                         || replay.list_rows('ledger.lots', to_jsonb(v_fill.lots), true);
            lots := array(select l from unnest(v_fill.lots) as l where l.open_qty <> 0
                           order by l.queue_no);
        else
            v_split := replay.match_split(lots, v_event.split, p_match_no);
            rows := rows || replay.list_rows('ledger.splits', jsonb_build_array(v_split.split))
                         || replay.list_rows('ledger.lot_splits', to_jsonb(v_split.lot_splits))
                         || replay.list_rows('ledger.lots', to_jsonb(v_split.lots), true);
            lots := array(select l from unnest(v_split.lots) as l where l.open_qty <> 0
                           order by l.queue_no);
        end if;
    end loop;
end;
$function$;

comment on function replay.match_symbol(ledger.fills[], ledger.adjustments[], bigint) is
$$Matches the standing fills and the splits of a symbol from the beginning, by the time of execution: the
lots that stay open, and rows ([{table_name, row_data}]) of what was closed, split and closed up.
Why: as ledger.rematch_lots, in the same order, without a table.$$;

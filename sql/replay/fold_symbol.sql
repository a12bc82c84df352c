create or replace function replay.fold_symbol(
    p_run_id   uuid,
    p_symbol   text,
    p_until_at timestamptz
)
returns table (
    event_seq  bigint,
    table_name text,
    row_data   jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    v_at     record;
    v_fills  ledger.fills[] := '{}';
    v_splits ledger.adjustments[] := '{}';
    v_lots   ledger.lots[] := '{}';
    v_moved  record;
    v_held   ledger.positions;
    v_no     bigint;
    v_lieu   bigint := 0;
    v_rows   jsonb;
begin
    for v_at in
        select b.* from replay.list_bookings(p_run_id, p_until_at) as b
         where b.symbol = p_symbol and coalesce((b.adjustment).action_kind, 'SPLIT') = 'SPLIT'
         order by b.event_seq
    loop
        event_seq := v_at.event_seq;
        v_fills := replay.list_standing(v_fills, v_at.fill);
        if v_at.event_name <> 'ACTION_APPLIED' and (v_at.fill).reverses_seq is null
           and replay.is_newest(v_fills, v_splits, v_at.fill)
        then
            v_no := coalesce(v_held.match_no, 1);
            v_moved := replay.match_fill(v_lots, v_at.fill, v_no, (v_at.fill).fill_seq);
            v_rows := replay.list_rows('ledger.lot_closes', to_jsonb(v_moved.closes))
                      || replay.list_rows('ledger.lots', to_jsonb(v_moved.lots), true);
        else
            v_splits := v_splits || array_remove(array[v_at.adjustment], null);
            v_no := coalesce(v_held.match_no, 0) + 1;
            v_moved := replay.match_symbol(v_fills, v_splits, v_no);
            v_rows := v_moved.rows || replay.list_rows('ledger.lots', to_jsonb(v_lots));
        end if;
        v_lots := array(select l from unnest(v_moved.lots) as l where l.open_qty <> 0
                         order by l.queue_no);
        return query select r.* from replay.list_records(v_at.event_seq, v_rows) as r;
        table_name := 'ledger.entries';
        row_data := replay.describe_entry(v_at.fill, v_at.adjustment, v_held, v_no, v_lots, v_lieu, v_rows);
        v_lieu := (row_data ->> 'lieu')::bigint;
        v_held := jsonb_populate_record(v_held, row_data -> 'position');
        return next;
    end loop;
    v_rows := replay.list_rows('ledger.lots', to_jsonb(v_lots))
              || replay.list_rows('ledger.positions', jsonb_build_array(v_held));
    return query select r.* from replay.list_records(null, v_rows) as r
      where v_held.run_id is not null;
end;
$function$;

comment on function replay.fold_symbol(uuid, text, timestamptz) is
$$Position, lots, closes and splits of one symbol, and what each booking changed (ledger.entries, without
balances), as the fills and splits of the run's diary make them.
Why: the rules of ledger.post_entry: what is newest goes on with the lots that stand, all else is matched
anew.$$;

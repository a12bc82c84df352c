create or replace function lab.push_lot(
    p_lots    lab.lot_queue,
    p_tick    integer,
    p_session integer,
    p_qty     bigint
)
returns lab.lot_queue
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lots  lab.lot_queue := p_lots;
    v_left  bigint := p_qty;
    v_close bigint;
begin
    v_lots.is_day_trade := false;
    while v_left <> 0 and cardinality(v_lots.qtys) > 0 loop
        v_close := ledger.compute_close_qty(v_lots.qtys[1], v_left);
        exit when v_close = 0;
        v_lots.is_day_trade := v_lots.is_day_trade or v_lots.sessions[1] = p_session;
        v_lots.qtys[1] := v_lots.qtys[1] - v_close;
        v_left := v_left + v_close;
        if v_lots.qtys[1] = 0 then
            v_lots.ticks := v_lots.ticks[2:];
            v_lots.sessions := v_lots.sessions[2:];
            v_lots.qtys := v_lots.qtys[2:];
        end if;
    end loop;
    if v_left <> 0 then
        v_lots.ticks := v_lots.ticks || p_tick;
        v_lots.sessions := v_lots.sessions || p_session;
        v_lots.qtys := v_lots.qtys || v_left;
    end if;
    return v_lots;
end;
$function$;

comment on function lab.push_lot(lab.lot_queue, integer, integer, bigint) is
$$The open lots of a symbol after a fill of p_qty signed shares at a tick of a session: first in, first out,
by the function that closes the lots of the ledger.$$;

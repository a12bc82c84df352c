create or replace function lab.match_fills(
    p_backtest lab.backtests,
    p_terms    lab.terms
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;  v_symbol integer := 0;  v_head integer;  v_tail integer;  v_left bigint;
    v_no integer[];  v_open bigint[];  v_price bigint[];  v_split integer[];  v_cost bigint[];
    v_close bigint;  v_n integer := 0;  v_s integer[] := '{}';  v_e integer[] := '{}';
    v_x integer[] := '{}';  v_t integer[] := '{}';  v_q bigint[] := '{}';  v_p bigint[] := '{}';
    v_r bigint[] := '{}';  v_c bigint[] := '{}';
begin
    for v_event in select e.* from lab.list_lot_events(p_backtest, p_terms) as e loop
        if v_event.symbol_no <> v_symbol then
            v_symbol := v_event.symbol_no;
            v_no := '{}';  v_open := '{}';  v_price := '{}';  v_split := '{}';  v_cost := '{}';
            v_head := 1;  v_tail := 0;
        end if;
        if v_event.fill_no is null then
            select coalesce(array_agg(v_no[v_head - 1 + l.lot_seq] order by l.lot_seq), '{}'),
                   coalesce(array_agg(v_price[v_head - 1 + l.lot_seq] order by l.lot_seq), '{}'),
                   coalesce(array_agg(v_event.tick_no), '{}'),
                   coalesce(array_agg(l.to_qty order by l.lot_seq), '{}'),
                   coalesce(array_agg(l.to_cost_micros order by l.lot_seq), '{}'), 1, count(*)
              into v_no, v_price, v_split, v_open, v_cost, v_head, v_tail
              from ledger.list_lot_splits(lab.list_lots(v_open[v_head :], v_cost[v_head :]),
                                          v_event.ratio_num, v_event.ratio_den) as l
             where l.to_qty <> 0;
            continue;
        end if;
        v_left := v_event.fill_qty;
        while v_left <> 0 and v_head <= v_tail loop
            v_close := ledger.compute_close_qty(v_open[v_head], v_left);
            exit when v_close = 0;
            v_n := v_n + 1;
            v_s[v_n] := v_symbol;  v_e[v_n] := v_no[v_head];  v_x[v_n] := v_event.fill_no;
            v_q[v_n] := v_close;  v_p[v_n] := v_price[v_head];  v_r[v_n] := v_event.price_micros;
            v_c[v_n] := div(v_cost[v_head]::numeric * v_close, v_open[v_head]);
            v_t[v_n] := v_split[v_head];
            v_open[v_head] := v_open[v_head] - v_close;
            v_cost[v_head] := v_cost[v_head] - v_c[v_n];
            v_left := v_left + v_close;  v_head := v_head + (v_open[v_head] = 0)::integer;
        end loop;
        if v_left <> 0 then
            v_tail := v_tail + 1;
            v_no[v_tail] := v_event.fill_no;  v_open[v_tail] := v_left;  v_split[v_tail] := null;
            v_price[v_tail] := v_event.price_micros;  v_cost[v_tail] := v_left * v_event.price_micros;
        end if;
    end loop;
    insert into lab.closes (
        backtest_id, close_no, symbol_no, entry_fill_no, exit_fill_no, closed_qty, entry_price_micros,
        split_tick, cost_micros, exit_price_micros)
    select (p_backtest).backtest_id, u.nth, u.s, u.e, u.x, u.q, u.p, u.t, u.c, u.r
      from unnest(v_s, v_e, v_x, v_q, v_p, v_t, v_c, v_r) with ordinality
           as u (s, e, x, q, p, t, c, r, nth);
end;
$function$;

comment on function lab.match_fills(lab.backtests, lab.terms) is
$$Closes lots with the fills of a backtest, first in, first out by symbol: what ledger.match_lots does one
fill at a time, with the same function for how much is closed; splits the open lots where a split comes
between, with the function that splits those of the ledger.$$;

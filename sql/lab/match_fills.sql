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
    v_fill   record;
    v_symbol integer := 0;
    v_no integer[];  v_open bigint[];  v_price bigint[];  v_head integer;  v_tail integer;
    v_left bigint;  v_close bigint;
    v_n integer := 0;  v_s integer[] := '{}';  v_e integer[] := '{}';  v_x integer[] := '{}';
    v_q bigint[] := '{}';  v_p bigint[] := '{}';  v_r bigint[] := '{}';
begin
    for v_fill in
        select f.symbol_no, f.fill_no, f.fill_qty, f.price_micros
          from (select f.*, min(f.order_no) over w <> max(f.order_no) over w as is_tie
                  from lab.fills as f
                 where f.backtest_id = (p_backtest).backtest_id
                window w as (partition by f.symbol_no, f.tick_no)) as f
         order by f.symbol_no, f.tick_no,
                  case when f.is_tie then sim.derive_order_id(
                       (p_terms).account_id, oms.derive_client_order_id(
                       (p_terms).engine_id, lab.derive_order_name(
                           p_terms, (p_backtest).dataset_id, f.given_tick, f.symbol_no))) end,
                  f.fill_no
    loop
        if v_fill.symbol_no <> v_symbol then
            v_symbol := v_fill.symbol_no;
            v_no := '{}';  v_open := '{}';  v_price := '{}';  v_head := 1;  v_tail := 0;
        end if;
        v_left := v_fill.fill_qty;
        while v_left <> 0 and v_head <= v_tail loop
            v_close := ledger.compute_close_qty(v_open[v_head], v_left);
            exit when v_close = 0;
            v_n := v_n + 1;
            v_s[v_n] := v_symbol;  v_e[v_n] := v_no[v_head];  v_x[v_n] := v_fill.fill_no;
            v_q[v_n] := v_close;  v_p[v_n] := v_price[v_head];  v_r[v_n] := v_fill.price_micros;
            v_open[v_head] := v_open[v_head] - v_close;
            v_left := v_left + v_close;
            v_head := v_head + case when v_open[v_head] = 0 then 1 else 0 end;
        end loop;
        if v_left <> 0 then
            v_tail := v_tail + 1;
            v_no[v_tail] := v_fill.fill_no;  v_open[v_tail] := v_left;
            v_price[v_tail] := v_fill.price_micros;
        end if;
    end loop;
    insert into lab.closes (
        backtest_id, close_no, symbol_no, entry_fill_no, exit_fill_no, closed_qty, entry_price_micros,
        exit_price_micros)
    select (p_backtest).backtest_id, u.nth, u.s, u.e, u.x, u.q, u.p, u.r
      from unnest(v_s, v_e, v_x, v_q, v_p, v_r) with ordinality as u (s, e, x, q, p, r, nth);
end;
$function$;

comment on function lab.match_fills(lab.backtests, lab.terms) is
$$Closes lots with the fills of a backtest, first in, first out by symbol: what ledger.match_lots does one
fill at a time, with the same function for how much is closed; at one tick in the order of their names.$$;

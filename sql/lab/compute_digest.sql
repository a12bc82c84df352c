create or replace function lab.compute_digest(
    p_backtest_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(concat_ws(e'\n',
        (select string_agg(concat_ws(',', o.order_no, o.tick_no, o.symbol_no, o.leg, o.order_qty,
                                     o.filled_qty, o.order_status, o.ended_tick, o.stop_price_micros,
                                     'limit ' || o.limit_price_micros), ';'
                           order by o.order_no)
           from lab.orders as o where o.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', f.fill_no, f.order_no, f.tick_no, f.symbol_no, f.fill_qty,
                                     f.price_micros, f.fee_micros), ';' order by f.fill_no)
           from lab.fills as f where f.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', m.order_no, m.tick_no, m.stop_price_micros), ';'
                           order by m.move_no)
           from lab.moved_stops as m where m.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', f.tick_no, f.symbol_no, f.flow_kind, f.amount_micros), ';'
                           order by f.flow_no)
           from lab.flows as f where f.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', a.tick_no, a.symbol_no, a.held_qty, a.new_qty, a.cash_micros), ';'
                           order by a.tick_no, a.symbol_no)
           from lab.adjustments as a where a.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', d.tick_no, d.symbol_no, d.order_qty, d.rule), ';'
                           order by d.tick_no, d.symbol_no)
           from lab.denials as d where d.backtest_id = p_backtest_id),
        (select string_agg(concat_ws(',', c.symbol_no, c.entry_fill_no, c.exit_fill_no, c.closed_qty,
                                     c.realized_micros), ';' order by c.close_no)
           from lab.closes as c where c.backtest_id = p_backtest_id),
        (select string_agg(array_to_string(e.equity_micros, ','), ';' order by e.pack_no)
           from lab.curves as e where e.backtest_id = p_backtest_id)));
$function$;

comment on function lab.compute_digest(uuid) is
$$SHA-256 of all that a backtest gave: orders, fills, denials, closed lots and the equity of every tick,
where stops were moved to, what splits made of what was held, and the cash that no fill moved.$$;

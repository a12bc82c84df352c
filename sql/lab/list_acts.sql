create or replace function lab.list_acts(
    p_backtest_id uuid
)
returns table (
    kind  text,
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with t as (
        select b.*, d.symbols from lab.backtests as b join lab.datasets as d using (dataset_id)
         where b.backtest_id = p_backtest_id
    ), ticks as (
        select k.first_tick + (e.nth - 1)::integer as tick_no, e.at
          from t join lab.packs as k using (dataset_id)
         cross join lateral unnest(k.ends_at) with ordinality as e (at, nth)
    )
    select 'order', row_number() over (order by o.order_no),
           format('%s %s %s%s%s, filled %s', case o.leg when 'TARGET' then core.format_iso(k.at)
                                                      else lower(o.leg) end,
                  t.symbols[o.symbol_no], o.order_qty, ' at ' || o.stop_price_micros,
                  ' limit ' || o.limit_price_micros, o.filled_qty)
      from t join lab.orders as o using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'moved stop', m.move_no,
           format('%s %s to %s', core.format_iso(k.at), t.symbols[o.symbol_no], m.stop_price_micros)
      from t join lab.moved_stops as m using (backtest_id)
      join lab.orders as o using (backtest_id, order_no)
      join ticks as k on k.tick_no = m.tick_no
     union all
    select 'cash flow', row_number() over (order by f.flow_no),
           format('%s %s %s', core.format_iso(k.at), t.symbols[f.symbol_no], f.amount_micros)
      from t join lab.flows as f using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'split', row_number() over (order by a.tick_no, a.symbol_no),
           format('%s %s %s for %s, held %s, now %s', core.format_iso(k.at), t.symbols[a.symbol_no],
                  a.ratio_num, a.ratio_den, a.held_qty, a.new_qty)
      from t join lab.adjustments as a using (backtest_id) join ticks as k using (tick_no)
     where a.held_qty <> 0
     union all
    select 'denial', row_number() over (order by n.tick_no, n.symbol_no),
           format('%s %s %s, %s', core.format_iso(k.at), t.symbols[n.symbol_no], n.order_qty, n.rule)
      from t join lab.denials as n using (backtest_id) join ticks as k using (tick_no)
     union all
    select 'fill', row_number() over (order by f.fill_no),
           format('%s %s at %s, fee %s', t.symbols[f.symbol_no], f.fill_qty, f.price_micros, f.fee_micros)
      from t join lab.fills as f using (backtest_id)
     union all
    select 'closed lot', row_number() over (
               order by t.symbols[c.symbol_no] collate "C", c.exit_fill_no, c.entry_fill_no),
           format('%s %s from %s to %s, realised %s', t.symbols[c.symbol_no], c.closed_qty,
                  c.entry_price_micros, c.exit_price_micros, c.realized_micros)
      from t join lab.closes as c using (backtest_id)
     union all
    select 'end', 1, format('cash %s, equity %s, %s', t.cash_micros, t.equity_micros,
                            coalesce('halted ' || core.format_iso(t.halted_at), 'not halted')) from t;
$function$;

comment on function lab.list_acts(uuid) is
$$What a backtest did and how it ended, one line an act, numbered within its kind.$$;

create or replace function lab.list_facts(
    p_backtest_id uuid,
    p_tick_no     integer
)
returns table (
    tick_no integer,
    kind    text,
    place   integer,
    fact    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.tick_no, '1 signal', s.symbol_no, concat_ws(' ', s.symbol_no, s.signal_kind, s.amount,
           'limit ' || s.limit_price_micros, 'stop ' || s.stop_price_micros)
      from lab.signals as s where s.backtest_id = p_backtest_id and s.tick_no <= p_tick_no
     union all
    select o.tick_no, '2 order', o.order_no, concat_ws(' ', o.symbol_no, o.leg, o.order_qty,
           case o.leg when 'TARGET' then 'stop ' || o.stop_price_micros end,
           'limit ' || o.limit_price_micros)
      from lab.orders as o where o.backtest_id = p_backtest_id and o.tick_no <= p_tick_no
     union all
    select n.tick_no, '3 denial', n.symbol_no, concat_ws(' ', n.symbol_no, n.order_qty, n.rule)
      from lab.denials as n where n.backtest_id = p_backtest_id and n.tick_no <= p_tick_no
     union all
    select f.tick_no, '4 fill', f.fill_no,
           concat_ws(' ', f.order_no, f.fill_qty, f.price_micros, f.fee_micros)
      from lab.fills as f where f.backtest_id = p_backtest_id and f.tick_no <= p_tick_no
     union all
    select a.tick_no, '4 split', a.symbol_no, concat_ws(' ', a.held_qty, a.new_qty, a.cash_micros)
      from lab.adjustments as a where a.backtest_id = p_backtest_id and a.tick_no <= p_tick_no
     union all
    select c.pack_no * 512 + e.nth::integer, '5 equity', 0, e.value::text
      from lab.curves as c
     cross join lateral unnest(c.equity_micros) with ordinality as e (value, nth)
     where c.backtest_id = p_backtest_id and c.pack_no * 512 + e.nth <= p_tick_no;
$function$;

comment on function lab.list_facts(uuid, integer) is
$$What a backtest had decided and what had become of it up to a tick. An order counts as it was given: what
became of it later does not belong here.$$;

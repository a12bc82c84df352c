create or replace function lab.list_time_faults(
    p_backtest_id uuid
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with t as (
        select b.*, c.config, d.symbols
          from lab.backtests as b join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), ticks as (
        select row_number() over (order by k.pack_no, u.nth) as seen, u.at,
               k.first_tick + u.nth::integer - 1 as tick_no,
               lag(u.at) over (order by k.pack_no, u.nth) as before_at, u.is_complete
          from t join lab.packs as k using (dataset_id)
         cross join lateral unnest(k.ends_at, k.is_complete) with ordinality as u (at, is_complete, nth)
    ), bars as (
        select f.fill_no, f.tick_no, f.fill_qty, f.price_micros, o.tick_no as given_tick,
               o.limit_price_micros,
               coalesce(case o.leg when 'STOP' then (
                   select m.stop_price_micros from lab.moved_stops as m
                    where m.backtest_id = f.backtest_id and m.order_no = f.order_no
                      and m.tick_no < f.tick_no
                    order by m.move_no desc limit 1) end, o.stop_price_micros) as stop_price_micros,
               k.opens[x.cell] as o, k.highs[x.cell] as h, k.lows[x.cell] as l, k.closes[x.cell] as c
          from t join lab.fills as f using (backtest_id) join lab.orders as o using (backtest_id, order_no)
          join lab.packs as k on k.dataset_id = t.dataset_id and k.pack_no = (f.tick_no - 1) / 512
         cross join lateral (select (f.symbol_no - 1) * cardinality(k.ends_at)
                                    + f.tick_no - k.first_tick + 1 as cell) as x
    )
    select b.tick_no, format('fill %s is in the bar of its order or before', b.fill_no)
      from bars as b where b.tick_no <= b.given_tick
     union all
    select b.tick_no, format('fill %s has not the price of its bar', b.fill_no)
      from bars as b cross join t
     cross join lateral sim.compute_slippage_bps(
           b.h, b.l, b.c, (t.config #>> '{execution,slippage_bps}')::integer,
           (t.config #>> '{execution,volatility_mult_bps}')::integer,
           (t.config #>> '{execution,max_slippage_bps}')::integer) as s (slippage_bps)
     where not exists (  -- with its stop, or once that was triggered
           select from unnest(array[b.stop_price_micros, null]) as u (stop_price_micros)
            where b.price_micros = sim.compute_fill_price(
                  t.config #>> '{execution,fill_profile}', b.fill_qty, b.limit_price_micros,
                  u.stop_price_micros, b.o, b.h, b.l, s.slippage_bps))
     union all
    select k.tick_no, 'a tick does not follow the one before it'
      from ticks as k where k.tick_no <> k.seen or k.at <= k.before_at
     union all
    select o.tick_no, format('order %s was given on a bar that was not complete', o.order_no)
      from t join lab.orders as o using (backtest_id) join ticks as k using (tick_no)
     where o.leg = 'TARGET' and not k.is_complete;
$function$;

comment on function lab.list_time_faults(uuid) is
$$Where a backtest breaks the rules of time: a fill comes after the bar of its order and has the price of
its own bar; ticks follow each other; nothing is decided on a bar that is not complete. No row: nowhere.$$;

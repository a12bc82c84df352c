create or replace function lab.list_orders(
    p_backtest_id uuid
)
returns table (
    order_no           integer,
    given_at           timestamptz,
    symbol             text,
    leg                text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    order_status       text,
    filled_qty         bigint,
    avg_price_micros   bigint,
    ended_at           timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as materialized (
        select t.tick_no, t.ends_at
          from lab.backtests as b
         cross join lateral lab.list_dataset_ticks(b.dataset_id) as t
         where b.backtest_id = p_backtest_id
    ), prices as (
        select f.order_no,
               round(sum(abs(f.fill_qty) * f.price_micros) / sum(abs(f.fill_qty)))::bigint as price
          from lab.fills as f where f.backtest_id = p_backtest_id group by f.order_no
    )
    select o.order_no, g.ends_at, d.symbols[o.symbol_no], o.leg, o.order_qty,
           concat_ws('_', case when o.stop_price_micros is not null then 'STOP' end,
                     case when o.limit_price_micros is not null then 'LIMIT'
                          when o.stop_price_micros is null then 'MARKET' end),
           o.limit_price_micros, o.stop_price_micros, o.order_status, o.filled_qty, p.price, e.ends_at
      from lab.orders as o
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join ticks as g on g.tick_no = o.tick_no
      left join ticks as e on e.tick_no = o.ended_tick
      left join prices as p on p.order_no = o.order_no
     where o.backtest_id = p_backtest_id
     order by o.order_no;
$function$;

comment on function lab.list_orders(uuid) is
$$Orders of a backtest as they were given; avg_price_micros: paid on average, null without a fill.$$;

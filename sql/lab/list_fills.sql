create or replace function lab.list_fills(
    p_backtest_id uuid
)
returns table (
    fill_no      integer,
    filled_at    timestamptz,
    session_on   date,
    order_no     integer,
    symbol       text,
    fill_qty     bigint,
    price_micros bigint,
    fee_micros   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_no, t.ends_at, e.session_on, f.order_no, d.symbols[f.symbol_no], f.fill_qty,
           f.price_micros, f.fee_micros
      from lab.fills as f
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join lab.list_dataset_ticks((select b.dataset_id from lab.backtests as b
                            where b.backtest_id = p_backtest_id)) as t on t.tick_no = f.tick_no
      join lab.list_session_ends(p_backtest_id) as e on e.session_no = t.session_no
     where f.backtest_id = p_backtest_id
     order by f.fill_no;
$function$;

comment on function lab.list_fills(uuid) is
$$Executions of a backtest in their order; fill_qty signed, plus bought; filled_at: the end of the bar that
traded it.$$;

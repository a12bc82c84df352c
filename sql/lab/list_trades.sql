create or replace function lab.list_trades(
    p_backtest_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ticks as materialized (
        select t.tick_no, t.ends_at, t.session_no - (not t.ends_session)::integer as sessions_over
          from lab.backtests as b
         cross join lateral lab.list_dataset_ticks(b.dataset_id) as t
         where b.backtest_id = p_backtest_id
    )
    select d.symbols[c.symbol_no], case when c.closed_qty > 0 then 'LONG' else 'SHORT' end,
           abs(c.closed_qty), o.ends_at, x.ends_at, c.cost_micros / c.closed_qty, c.exit_price_micros,
           c.realized_micros, (x.sessions_over - o.sessions_over)::bigint
      from lab.closes as c
      join lab.backtests as b using (backtest_id)
      join lab.datasets as d using (dataset_id)
      join lab.fills as e on e.backtest_id = c.backtest_id and e.fill_no = c.entry_fill_no
      join lab.fills as f on f.backtest_id = c.backtest_id and f.fill_no = c.exit_fill_no
      join ticks as o on o.tick_no = e.tick_no
      join ticks as x on x.tick_no = f.tick_no
     where c.backtest_id = p_backtest_id
     order by c.exit_fill_no, c.close_no;
$function$;

comment on function lab.list_trades(uuid) is
$$Every closed lot of a backtest, in closing order, with its profit before fees and the closes of sessions
that it was held over: the columns of ops.report_trades.$$;

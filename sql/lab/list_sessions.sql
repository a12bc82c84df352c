create or replace function lab.list_sessions(
    p_backtest_id uuid
)
returns table (
    session_on    date,
    equity_micros bigint,
    cash_micros   bigint,
    gross_micros  bigint,
    peak_micros   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ends as materialized (
        select e.* from lab.list_session_ends(p_backtest_id) as e
    ), paid as (
        select m.tick_no, m.is_end, sum(m.flow) over (order by m.tick_no, m.is_end) as flow
          from (select f.tick_no, false as is_end, -f.fill_qty * f.price_micros - f.fee_micros as flow
                  from lab.fills as f where f.backtest_id = p_backtest_id
                 union all
                select p.tick_no, false, p.amount_micros
                  from lab.flows as p where p.backtest_id = p_backtest_id
                 union all
                select e.tick_no, true, 0 from ends as e) as m
    ), prices as materialized (
        select p.symbol_no, p.tick_no, p.close_micros from lab.list_session_prices(p_backtest_id) as p
    ), held as (
        select m.tick_no, m.close_micros, m.is_end,
               sum(m.qty) over (partition by m.symbol_no order by m.tick_no, m.is_end) as qty
          from (select f.tick_no, f.symbol_no, false as is_end, f.fill_qty as qty,
                       null::bigint as close_micros
                  from lab.fills as f where f.backtest_id = p_backtest_id
                 union all
                select a.tick_no, a.symbol_no, false, a.new_qty - a.held_qty, null
                  from lab.adjustments as a where a.backtest_id = p_backtest_id
                 union all
                select p.tick_no, p.symbol_no, true, 0, p.close_micros from prices as p) as m
    ), gross as (
        select h.tick_no, sum(abs(h.qty) * coalesce(h.close_micros, 0)) as gross
          from held as h where h.is_end group by h.tick_no
    )
    select e.session_on, e.equity_micros, (b.initial_cash_micros + p.flow)::bigint, g.gross::bigint,
           greatest(b.initial_cash_micros, max(e.equity_micros) over (order by e.session_no))
      from ends as e
      join lab.backtests as b on b.backtest_id = p_backtest_id
      join paid as p on p.is_end and p.tick_no = e.tick_no
      join gross as g on g.tick_no = e.tick_no
     order by e.session_no;
$function$;

comment on function lab.list_sessions(uuid) is
$$A backtest by session, at the last tick of each: equity, cash, the value of all that was held (longs and
shorts added), and the highest equity so far, the opening cash among it; in micros.$$;

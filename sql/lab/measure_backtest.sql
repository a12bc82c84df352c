create or replace function lab.measure_backtest(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with days as (
        select d.*, lag(d.equity_micros, 5) over (order by d.session_no) as five_before,
               lead(d.session_on) over (order by d.session_no) as next_on
          from lab.list_days(p_backtest_id) as d
    ), months as (
        select d.equity_micros > lag(d.equity_micros) over (order by d.session_no) as is_up
          from days as d
         where date_trunc('month', d.next_on) is distinct from date_trunc('month', d.session_on)
    ), curve as (
        select array_agg(d.equity_micros order by d.session_no) as equity, count(*) as sessions,
               min(d.session_on) as first_on, max(d.session_on) as last_on,
               min(d.equity_micros::numeric / nullif(d.five_before, 0) - 1) as worst_five_days
          from days as d
    ), traded as (
        select sum(abs(f.fill_qty)::numeric * f.price_micros) as notional, sum(f.fee_micros) as fees
          from lab.fills as f where f.backtest_id = p_backtest_id
    ), closed as (
        select count(*) as trades, array_agg(c.realized_micros::numeric) as profits
          from lab.closes as c where c.backtest_id = p_backtest_id
    ), returns as (
        select lab.list_returns(array[p_backtest_id]) as series
    )
    select jsonb_build_object(
        'completed', (b.backtest_status = 'COMPLETED')::integer, 'halt_reason', b.halt_reason,
        'sessions', c.sessions, 'trades', x.trades, 'end_micros', b.equity_micros,
        'total_return', round(b.equity_micros::numeric / b.initial_cash_micros - 1, 9),
        'cagr', round(lab.compute_cagr(
            b.initial_cash_micros, b.equity_micros, c.first_on, c.last_on), 9),
        'max_drawdown', round(-lab.compute_max_drawdown_micros(
            array[b.initial_cash_micros] || c.equity), 9),
        'sharpe', round(lab.compute_sharpe(r.series), 9),
        'volatility', round(lab.compute_annual_volatility(r.series), 9),
        'profit_factor', round(lab.compute_profit_factor(x.profits || -t.fees::numeric), 9),
        'profitable_months', (
            select round(avg(m.is_up::integer), 9) from months as m where m.is_up is not null),
        'worst_five_days', round(c.worst_five_days, 9),
        'daily_turnover', round(t.notional / nullif(b.initial_cash_micros, 0) / c.sessions, 9),
        'active_days', (select round(avg((v.value <> 0)::integer), 9)
                          from unnest(r.series) as v (value)))
      from lab.backtests as b
     cross join curve as c
     cross join traded as t
     cross join closed as x
     cross join returns as r
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.measure_backtest(uuid) is
$$What a backtest is judged by, in ratios of nine decimals; null where a figure is undefined. Profit factor:
profits of closed lots over their losses and all fees. Months: the share of steps from month end to month
end that rose. Worst five days: of all runs of five sessions. Active: sessions on which equity moved.$$;

create or replace function lab.measure_backtest(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'completed', (b.backtest_status = 'COMPLETED')::integer, 'halt_reason', b.halt_reason,
        'end_micros', b.equity_micros, 'sessions', f.x -> 'sessions', 'trades', f.x -> 'trades',
        'total_return', f.x -> 'total_return', 'cagr', f.x -> 'cagr', 'sharpe', f.x -> 'sharpe',
        'max_drawdown', -(f.x ->> 'max_drawdown')::numeric, 'volatility', f.x -> 'annual_volatility',
        'profit_factor', f.x -> 'profit_factor_after_fees',
        'profitable_months', f.x -> 'profitable_months',
        'worst_five_days', f.x -> 'worst_five_sessions',
        'daily_turnover', round((f.x ->> 'turnover')::numeric / (f.x ->> 'sessions')::numeric, 6),
        'active_days', (
            select round(avg((v.value <> 0)::integer), 6)
              from unnest(lab.list_returns(array[p_backtest_id])) as v (value)))
      from lab.backtests as b
     cross join lateral (select lab.describe_backtest(b.backtest_id) as x) as f
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.measure_backtest(uuid) is
$$What a backtest is judged by: the figures that its tearsheet shows (lab.describe_backtest), drawdown as a
positive ratio, profit factor after fees, turnover a session of the opening cash, and active: the share of
sessions on which equity moved. Null where a figure is undefined.
Why: what is judged is what is shown.$$;

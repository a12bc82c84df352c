create or replace function ops.report_metrics(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with curve as (
        select array_agg(e.return_ratio order by e.session_on) as returns,
               array[min(r.initial_cash_micros)]
               || array_agg(e.equity_micros order by e.session_on) as equity,
               min(e.session_on) as first_on, max(e.session_on) as last_on, count(*) as sessions,
               avg(e.gross_micros::numeric / nullif(e.equity_micros, 0)) as exposure
          from ops.list_session_equity(p_run_id) as e
          cross join (select r.initial_cash_micros from run.runs as r
                       where r.run_id = p_run_id) as r
    ), closed as (
        select count(*) as trades, count(*) filter (where c.realized_micros > 0) as wins,
               array_agg(c.realized_micros::numeric) as profits
          from ledger.lot_closes as c
          join ledger.positions as p using (run_id, symbol, match_no)
         where c.run_id = p_run_id
    ), traded as (
        select count(*) as fills, coalesce(sum(f.notional_micros), 0) as notional_micros
          from ledger.standing_fills as f where f.run_id = p_run_id
    )
    select jsonb_build_object(
        'first_session_on', c.first_on, 'last_session_on', c.last_on, 'sessions', c.sessions,
        'initial_micros', c.equity[1], 'final_equity_micros', c.equity[array_upper(c.equity, 1)],
        'total_return', round(c.equity[array_upper(c.equity, 1)]::numeric / c.equity[1] - 1, 6),
        'cagr', round(lab.compute_cagr(
            c.equity[1], c.equity[array_upper(c.equity, 1)], c.first_on, c.last_on), 6),
        'annual_volatility', round(lab.compute_annual_volatility(c.returns), 6),
        'sharpe', round(lab.compute_sharpe(c.returns), 6),
        'sortino', round(lab.compute_sortino(c.returns), 6),
        'max_drawdown', round(lab.compute_max_drawdown_micros(c.equity), 6),
        'calmar', round(lab.compute_calmar(c.returns, 252), 6),
        'recovery_sessions', lab.compute_recovery_days(c.equity),
        'value_at_risk', round(lab.compute_value_at_risk(c.returns, 0.05), 6),
        'profit_factor', round(lab.compute_profit_factor(d.profits), 6),
        'trades', d.trades,
        'win_rate', round(d.wins::numeric / nullif(d.trades, 0), 6),
        'orders', (select count(*) from oms.orders as o where o.run_id = p_run_id),
        'rejected_orders', (select count(*) from oms.orders as o
                             where o.run_id = p_run_id and o.order_status = 'REJECTED'),
        'fills', t.fills,
        'turnover', round(t.notional_micros / nullif(c.equity[1], 0), 6),
        'exposure', round(c.exposure, 6),
        'fees_micros', p.fees_micros, 'realized_micros', p.realized_micros,
        'unrealized_micros', c.equity[array_upper(c.equity, 1)] - p.cash_micros - p.cost_micros)
      from curve as c
      cross join closed as d
      cross join traded as t
      join ledger.portfolios as p on p.run_id = p_run_id;
$function$;

comment on function ops.report_metrics(uuid) is
$$Key figures of a run; ratios with six decimals, null where a figure is undefined.$$;

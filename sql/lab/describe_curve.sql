create or replace function lab.describe_curve(
    p_initial_micros bigint,
    p_days           date[],
    p_equity         bigint[],
    p_gross          bigint[]
)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select array[p_initial_micros] || p_equity as equity, coalesce(cardinality(p_equity), 0) as n
    ), curve as (
        select g.equity, g.n, g.equity[g.n + 1] as final, (
                   select array_agg(g.equity[i + 1]::numeric / nullif(g.equity[i], 0) - 1 order by i)
                     from generate_series(1, g.n) as i) as returns
          from given as g
    ), months as (
        select count(*) as months, count(*) filter (where m.return_ratio > 0) as gains
          from lab.list_periods(p_initial_micros, p_days, p_equity, 'YYYY-MM') as m
    )
    select jsonb_build_object(
        'first_session_on', p_days[1], 'last_session_on', p_days[c.n], 'sessions', c.n,
        'initial_micros', p_initial_micros, 'final_equity_micros', c.final,
        'total_return', round(c.final::numeric / p_initial_micros - 1, 6),
        'cagr', round(lab.compute_cagr(p_initial_micros, c.final, p_days[1], p_days[c.n]), 6),
        'annual_volatility', round(lab.compute_annual_volatility(c.returns), 6),
        'sharpe', round(lab.compute_sharpe(c.returns), 6),
        'sortino', round(lab.compute_sortino(c.returns), 6),
        'max_drawdown', round(lab.compute_max_drawdown_micros(c.equity), 6),
        'max_drawdown_from_on', p_days[f.peak_at - 1], 'max_drawdown_to_on', p_days[f.bottom_at - 1],
        'max_drawdown_recovered_on', p_days[f.recovered_at - 1],
        'recovery_sessions', lab.compute_recovery_days(c.equity),
        'calmar', round(lab.compute_calmar(c.returns, 252), 6),
        'value_at_risk', round(lab.compute_value_at_risk(c.returns, 0.05), 6),
        'best_session', (select round(max(r.value), 6) from unnest(c.returns) as r (value)),
        'worst_session', (select round(min(r.value), 6) from unnest(c.returns) as r (value)),
        'worst_five_sessions', round(lab.compute_worst_span(c.equity, 5), 6),
        'months', m.months,
        'profitable_months', case when m.months > 1 then round(m.gains::numeric / m.months, 6) end,
        'exposure', (select round(avg(u.gross::numeric / nullif(u.equity, 0)), 6)
                       from unnest(p_gross, p_equity) as u (gross, equity)))
      from curve as c
     cross join months as m
     cross join lab.find_deepest_fall(c.equity) as f;
$function$;

comment on function lab.describe_curve(bigint, date[], bigint[], bigint[]) is
$$The figures of an equity curve by session, after fees: p_days, p_equity and p_gross (what was held, longs
and shorts added) are one value a session, in micros. Ratios have six decimals; null where a figure is
undefined, never infinite.
Why: runs and backtests are measured by one rule (docs/metrics.md has it in words).$$;

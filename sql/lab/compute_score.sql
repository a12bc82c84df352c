create or replace function lab.compute_score(
    p_measures jsonb
)
returns numeric
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case when m.cagr > -1 and m.stress_cagr > -1 then round(100 * (
               ln(1 + m.cagr) + 0.6 * least(greatest(m.sharpe, 0), 3) / 3
               + 0.4 * least(greatest(m.profit_factor, 1), 2) / 2 + 0.8 * m.walk_forward_positive
               - 1.2 * ln(1 + m.max_drawdown) - 0.8 * ln(1 + m.volatility)
               - 0.8 * ln(1 + abs(m.worst_five_days))
               - ln(1 + case when m.cagr > m.stress_cagr then m.cagr - m.stress_cagr else 0 end)), 6) end
      from jsonb_to_record(p_measures) as m (
           cagr numeric, sharpe numeric, profit_factor numeric, walk_forward_positive numeric,
           max_drawdown numeric, volatility numeric, worst_five_days numeric, stress_cagr numeric)
     where num_nulls(m.cagr, m.sharpe, m.profit_factor, m.walk_forward_positive, m.max_drawdown,
                     m.volatility, m.worst_five_days, m.stress_cagr) = 0;
$function$;

comment on function lab.compute_score(jsonb) is
$$The consistency score of a promotion, in points: growth, Sharpe (to 3), profit factor (1 to 2) and the
share of good walk-forward folds, less drawdown, volatility, the worst five days and what stress costs;
null when one of them is not known.$$;

create or replace function lab.list_gates(
    p_profile text
)
returns table (
    gate_no   bigint,
    measure   text,
    is_least  boolean,
    threshold numeric
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over (), g.measure, g.is_least,
           case p_profile when 'MAIN' then g.main when 'EXP' then g.exp end
      from (values
        ('completed', true, 1, 1), ('digest_holds', true, 1, 1), ('worst_case', true, 1, 1),
        ('slippage_bps', true, 5, 5), ('volatility_mult_bps', true, 5000, 5000),
        ('max_slippage_bps', true, 25, 25), ('participation_bps', false, 100, 100),
        ('audit_events', true, 1, 1), ('audit_breaks', false, 0, 0), ('strategies', true, 1, 1),
        ('sharpe', true, 1.30, 0.80), ('max_drawdown', false, 0.20, 0.20), ('cagr', true, 0.08, 0.05),
        ('profit_factor', true, 1.40, 1.20), ('profitable_months', true, 0.60, 0.60),
        ('worst_five_days', true, -0.06, -0.06), ('trades', true, 30, 30), ('sessions', true, 60, 60),
        ('daily_turnover', false, 5, 5), ('active_days', true, 0.05, 0.05),
        ('volatility', true, 0, 0), ('stress_scenarios', true, 7, 7), ('stress_failures', false, 0, 0),
        ('stress_cagr', true, 0, 0), ('walk_forward_folds', true, 3, 3),
        ('walk_forward_positive', true, 0.70, 0.70), ('walk_forward_drawdown', false, 0.25, 0.25),
        ('cross_validation_folds', true, 3, 3), ('cross_validation_positive', true, 0.70, 0.70),
        ('lookahead_cuts', true, 8, 8), ('lookahead_violations', false, 0, 0), ('code_holds', true, 1, 1),
        ('rehearsals', true, 1, 1), ('rehearsal_differences', false, 0, 0))
        as g (measure, is_least, main, exp)
     where p_profile in ('MAIN', 'EXP');
$function$;

comment on function lab.list_gates(text) is
$$What a backtest must reach to be promoted, by profile: each measure with its least or its largest value,
the bound itself included. No row: there is no such profile.
Why: a threshold that a caller could send along would be none.$$;

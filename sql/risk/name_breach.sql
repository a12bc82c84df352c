create or replace function risk.name_breach(
    p_limits           risk.limits,
    p_equity_micros    bigint,
    p_day_start_micros bigint,
    p_peak_micros      bigint,
    p_gross_micros     bigint,
    p_rejects          bigint
)
returns text
language sql
immutable
parallel safe
return case
    when p_equity_micros <= 0 then 'EQUITY_EXHAUSTED'
    when risk.is_breached(
             p_equity_micros, p_day_start_micros, (p_limits).daily_loss_limit_micros)
        then 'DAILY_LOSS_LIMIT'
    when risk.is_breached(p_equity_micros, p_peak_micros, (p_limits).max_drawdown_micros)
        then 'MAX_DRAWDOWN'
    when (p_gross_micros::numeric * 10000
          <= p_equity_micros::numeric * (p_limits).halt_leverage_bps) is not true then 'LEVERAGE_LIMIT'
    when p_rejects >= (p_limits).reject_storm_max_rejects then 'REJECT_STORM' end;

comment on function risk.name_breach(risk.limits, bigint, bigint, bigint, bigint, bigint) is
$$The first loss or reject limit that is broken, or null: equity gone, daily loss, drawdown, leverage,
reject storm (p_rejects: refused orders within its window).
Why: one place for the order of the rules, for a run and for a backtest.$$;

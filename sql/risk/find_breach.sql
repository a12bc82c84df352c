create or replace function risk.find_breach(
    p_state  risk.states,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_state.equity_micros <= 0 then 'EQUITY_EXHAUSTED'
        when risk.is_breached(
                 p_state.equity_micros, p_state.day_start_micros, l.daily_loss_limit_micros)
            then 'DAILY_LOSS_LIMIT'
        when risk.is_breached(p_state.equity_micros, p_state.peak_micros, l.max_drawdown_micros)
            then 'MAX_DRAWDOWN'
        when (p_state.gross_micros::numeric * 10000
              <= p_state.equity_micros::numeric * l.halt_leverage_bps) is not true then 'LEVERAGE_LIMIT'
        when (select count(*) from risk.rejects as r
               where r.run_id = p_state.run_id
                 and r.rejected_at > p_now_at - l.reject_storm_window_ms * interval '1 ms')
             >= l.reject_storm_max_rejects
            then 'REJECT_STORM' end
      from (values (p_state.run_id)) as s (run_id)
      left join risk.limits as l on l.run_id = s.run_id;
$function$;

comment on function risk.find_breach(risk.states, timestamptz) is
$$The first loss or reject limit that a run breaks, or null.
Why: one place for the order of the rules: equity gone, daily loss, drawdown, leverage,
reject storm.
A run without limits or equity breaks the first that cannot be judged.$$;

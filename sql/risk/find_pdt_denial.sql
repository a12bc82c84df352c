create or replace function risk.find_pdt_denial(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns text
language sql
immutable
parallel safe
return case
    when (p_limits).pdt_mode = 'OFF' then null
    when (p_facts).day_trades is null or (p_facts).is_flagged is null then 'PDT_UNKNOWN'
    when (p_limits).pdt_mode = 'AUTO'
         and (p_facts).equity_micros >= (p_limits).pdt_min_equity_micros then null
    when (p_facts).is_flagged and (p_facts).equity_micros < (p_limits).pdt_min_equity_micros
        then 'PDT_FLAGGED_BELOW_MIN_EQUITY'
    when (p_facts).is_flagged then 'PDT_FLAGGED'
    when (p_facts).day_trades >= (p_limits).pdt_max_day_trades then 'PDT_WOULD_EXCEED_LIMIT'
end;

comment on function risk.find_pdt_denial(risk.limits, risk.order_facts) is
$$The pattern day trader rule that denies a new position, or null. AUTO looks below
pdt_min_equity_micros only, ALWAYS at any equity.
Why: a position that is opened may have to be closed today, which is the day trade; closing is never
denied, so opening is.$$;

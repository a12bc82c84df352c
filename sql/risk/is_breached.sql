create or replace function risk.is_breached(
    p_equity_micros bigint,
    p_from_micros   bigint,
    p_limit_micros  bigint
)
returns boolean
language sql
immutable
parallel safe
return (p_equity_micros <= p_from_micros - p_limit_micros) is not false;

comment on function risk.is_breached(bigint, bigint, bigint) is
$$True when equity has fallen by the limit or more from where it is measured; touching it counts,
and so does anything unknown.$$;

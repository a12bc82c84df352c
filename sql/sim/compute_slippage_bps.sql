create or replace function sim.compute_slippage_bps(
    p_high_micros         bigint,
    p_low_micros          bigint,
    p_close_micros        bigint,
    p_slippage_bps        integer,
    p_volatility_mult_bps integer,
    p_max_slippage_bps    integer
)
returns bigint
language sql
immutable
parallel safe
return least(
    p_slippage_bps
    + (p_high_micros - p_low_micros) * 10000 / p_close_micros * p_volatility_mult_bps / 10000,
    p_max_slippage_bps);

comment on function sim.compute_slippage_bps(bigint, bigint, bigint, integer, integer, integer) is
$$Slippage of a market order in bps: the base plus a share of the bar's range, capped.$$;

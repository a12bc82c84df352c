create or replace function sim.compute_fee(
    p_qty                  bigint,
    p_price_micros         bigint,
    p_fee_per_share_micros bigint,
    p_fee_bps              integer
)
returns bigint
language sql
immutable
parallel safe
return p_qty * p_fee_per_share_micros + core.scale_up(p_qty * p_price_micros, p_fee_bps);

comment on function sim.compute_fee(bigint, bigint, bigint, integer) is
$$Commission in micros of p_qty (unsigned) shares: per share plus bps of the notional, rounded up.
Raises: 22003 overflow.$$;

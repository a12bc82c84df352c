create or replace function core.scale_up(
    p_micros bigint,
    p_bps    bigint
)
returns bigint
language sql
immutable
strict
parallel safe
return (p_micros * p_bps + 9999) / 10000;

comment on function core.scale_up(bigint, bigint) is
$$p_bps ten-thousandths of a non-negative amount of micros, rounded up.
Why: costs are rounded once, and against us.
Raises: 22003 on overflow.$$;

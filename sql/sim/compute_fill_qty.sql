create or replace function sim.compute_fill_qty(
    p_left_qty          bigint,
    p_volume            bigint,
    p_participation_bps bigint
)
returns bigint
language sql
immutable
parallel safe
return least(p_left_qty, p_volume * p_participation_bps / 10000);

comment on function sim.compute_fill_qty(bigint, bigint, bigint) is
$$How many of p_left_qty (unsigned) shares a bar of p_volume shares gives: no more than its share of the
volume, rounded down.$$;

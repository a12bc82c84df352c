create or replace function core.is_apart(
    p_base_micros  bigint,
    p_other_micros bigint,
    p_bps          integer
)
returns boolean
language sql
immutable
parallel safe
return abs(p_other_micros - p_base_micros)::numeric * 10000 > p_base_micros::numeric * p_bps;

comment on function core.is_apart(bigint, bigint, integer) is
$$Whether a price is further from a base price than so many basis points of the base; exactly so far is
not.$$;

create or replace function core.compute_move_bps(
    p_from_micros bigint,
    p_to_micros   bigint
)
returns bigint
language sql
immutable
parallel safe
return trunc((p_to_micros - p_from_micros)::numeric * 10000 / nullif(p_from_micros, 0))::bigint;

comment on function core.compute_move_bps(bigint, bigint) is
$$The way from one price to another in basis points of the first, cut off towards nothing; signed.$$;

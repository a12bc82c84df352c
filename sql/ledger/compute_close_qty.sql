create or replace function ledger.compute_close_qty(
    p_open_qty bigint,
    p_left_qty bigint
)
returns bigint
language sql
immutable
parallel safe
return case when sign(p_open_qty) = -sign(p_left_qty)
            then sign(p_open_qty)::bigint * least(abs(p_open_qty), abs(p_left_qty)) else 0 end;

comment on function ledger.compute_close_qty(bigint, bigint) is
$$How many shares of an open lot, signed as the lot, a fill of p_left_qty signed shares closes.$$;

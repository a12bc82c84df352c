create or replace function sim.compute_lieu(
    p_held_qty     bigint,
    p_ratio_num    bigint,
    p_ratio_den    bigint,
    p_price_micros bigint
)
returns bigint
language sql
immutable
parallel safe
return case when mod(p_held_qty::numeric * p_ratio_num, p_ratio_den) = 0 then 0
            else floor(mod(p_held_qty::numeric * p_ratio_num, p_ratio_den) * p_price_micros
                       / p_ratio_num) end::bigint;

comment on function sim.compute_lieu(bigint, bigint, bigint, bigint) is
$$The cash, in micros, for the fraction of a share that a split of ratio_num new shares for ratio_den old
ones leaves of p_held_qty signed shares, at the last price of an old share; rounded down, against us, long
or short. Null: a fraction is left and no price for it is known.$$;

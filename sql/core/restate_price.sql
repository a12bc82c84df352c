create or replace function core.restate_price(
    p_price_micros bigint,
    p_num          numeric,
    p_den          numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_price_micros is not null
            then greatest(round(p_price_micros * p_num / p_den), 1) end::bigint;

comment on function core.restate_price(bigint, numeric, numeric) is
$$A price in micros times one exact ratio, rounded once, half away from zero, at least 1; an unknown price
stays unknown.
Why: after a split a price of before it stands for one of the new shares.$$;

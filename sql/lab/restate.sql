create or replace function lab.restate(
    p_price_micros bigint,
    p_num          numeric,
    p_den          numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_num is null then p_price_micros
            else core.restate_price(p_price_micros, p_num, p_den) end;

comment on function lab.restate(bigint, numeric, numeric) is
$$A stored price over the splits that lab.list_split_factors found; as it is where there is none.$$;

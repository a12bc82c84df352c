create or replace function oms.restate_stop(
    p_stop_micros bigint,
    p_side        integer,
    p_num         numeric,
    p_den         numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_side > 0 then ceil(p_stop_micros * p_den / p_num / 10000) * 10000
            else floor(p_stop_micros * p_den / p_num / 10000) * 10000 end::bigint;

comment on function oms.restate_stop(bigint, integer, numeric, numeric) is
$$A stop price, in micros, of before a split of p_num new shares for p_den old ones, to the next whole cent
on the tight side: up under a long position (p_side plus), down over a short one.$$;

create or replace function lab.shock_price(
    p_change_kind text,
    p_price       bigint,
    p_third       integer,
    p_sessions    integer,
    p_anchor      bigint,
    p_pivot       bigint
)
returns bigint
language sql
immutable
parallel safe
return case when p_price is not null then greatest(1, case p_change_kind
    when 'GAPS' then p_price * (array[100, 90, 99])[p_third] / 100
    when 'BEAR' then case when p_third < 3 then p_price
                          else round(p_price * power(0.998, p_sessions))::bigint end
    when 'WILD' then case p_third
        when 1 then p_price
        when 2 then greatest(p_anchor / 10, 2 * p_price - p_anchor)
        else (p_price::numeric * greatest(p_anchor / 10, 2 * p_pivot - p_anchor) / p_pivot)::bigint end
    else p_price end) end;

comment on function lab.shock_price(text, bigint, integer, integer, bigint, bigint) is
$$A price of a changed dataset, in micros, in the first, second or last third of its ticks. GAPS: down by
a tenth after the first third, up by a tenth after the second. BEAR: 20 bps less with each session of the
last third. WILD: moves from p_anchor, the last close of the first third, are doubled in the second; from
p_pivot, the last close of that, on as they were. SLICE: as it was. No price: none.
Why: integers and one power of a constant, the same on every machine.$$;

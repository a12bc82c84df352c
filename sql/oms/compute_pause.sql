create or replace function oms.compute_pause(
    p_misses bigint
)
returns interval
language sql
immutable
parallel safe
return (array['0 s', '0.5 s', '1 s', '2 s', '4 s', '8 s', '15 s', '30 s']::interval[])[
    least(p_misses, 7) + 1];

comment on function oms.compute_pause(bigint) is
$$How long to wait after so many look-ups that did not find an order: 0.5 s, doubling, up to 30 s.
Why: a broker in trouble is not helped by being asked at every tick.$$;

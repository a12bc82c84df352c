create or replace function oms.compute_pause(
    p_misses bigint
)
returns interval
language sql
immutable
parallel safe
return (array[0, 500, 1000, 2000, 4000, 8000, 15000, 30000])[least(p_misses, 7) + 1] * interval '1 ms';

comment on function oms.compute_pause(bigint) is
$$How long to wait after so many look-ups that did not find an order: 0.5 s, doubling, up to 30 s.
Why: a broker in trouble is not helped by being asked at every tick.$$;

create or replace function md.compute_ask_pause(
    p_asks bigint
)
returns interval
language sql
immutable
parallel safe
return (array['5 s', '10 s', '20 s', '40 s', '80 s', '160 s', '320 s', '900 s']::interval[])[
    least(p_asks, 8)];

comment on function md.compute_ask_pause(bigint) is
$$How long to wait after a bar was asked for so often in vain: 5 s, doubling, up to a quarter of an hour.
Why: a request costs, and a bar that is late is not there sooner for being asked for.$$;

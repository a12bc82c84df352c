create or replace function pager.compute_pause(
    p_failures integer
)
returns interval
language sql
immutable
parallel safe
return (array['5 s', '10 s', '20 s', '40 s', '80 s', '160 s', '320 s', '10 min']::interval[])[
    least(p_failures, 7) + 1];

comment on function pager.compute_pause(integer) is
$$How long a channel rests after a delivery with so many failures in a row: 5 s, doubled by each, at most
10 minutes.
Why: in a storm a channel gets a digest every 5 s, not a message a notice; one that is down is not
asked at every tick.$$;

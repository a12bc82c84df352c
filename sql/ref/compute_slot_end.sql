create or replace function ref.compute_slot_end(
    p_bar_length interval,
    p_opens_at   timestamptz,
    p_closes_at  timestamptz,
    p_at         timestamptz
)
returns timestamptz
language sql
immutable
parallel safe
return least(date_bin(p_bar_length, p_at, p_opens_at) + p_bar_length, p_closes_at);

comment on function ref.compute_slot_end(interval, timestamptz, timestamptz, timestamptz) is
$$Where the slot ends that an instant of a session lies in: with the session at the latest.$$;

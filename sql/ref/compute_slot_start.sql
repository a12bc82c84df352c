create or replace function ref.compute_slot_start(
    p_bar_length interval,
    p_opens_at   timestamptz,
    p_at         timestamptz
)
returns timestamptz
language sql
immutable
parallel safe
return coalesce(date_bin(p_bar_length, p_at, p_opens_at), p_opens_at);

comment on function ref.compute_slot_start(interval, timestamptz, timestamptz) is
$$Where the slot begins that an instant of a session lies in; p_bar_length null: the session is one slot.$$;

create or replace function ref.list_slots(
    p_exchange_id text,
    p_timeframe   text,
    p_from_on     date,
    p_to_on       date
)
returns table (
    session_on date,
    slot_no    integer,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on, n.slot_no::integer, n.starts_at,
           least(n.starts_at + t.bar_length, s.closes_at)
      from ref.timeframes as t
      join ref.sessions as s on s.exchange_id = p_exchange_id
      cross join lateral generate_series(
           s.opens_at, s.closes_at - interval '1 us',
           coalesce(t.bar_length, s.closes_at - s.opens_at)) with ordinality as n (starts_at, slot_no)
     where t.timeframe = p_timeframe
       and s.session_on between p_from_on and p_to_on;
end;

comment on function ref.list_slots(text, text, date, date) is
$$The bars that the sessions of an exchange are cut into, from the open on: slot_no from 1, starts_at
included, ends_at not. The last slot ends with the session and may be shorter (1H: 15:30 to 16:00).$$;

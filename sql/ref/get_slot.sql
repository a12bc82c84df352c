create or replace function ref.get_slot(
    p_exchange_id text,
    p_timeframe   text,
    p_at          timestamptz
)
returns table (
    session_on date,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on, n.starts_at, least(n.starts_at + t.bar_length, s.closes_at)
      from ref.timeframes as t
      cross join lateral (
        select s.*
          from ref.sessions as s
         where s.exchange_id = p_exchange_id and s.closes_at > p_at
         order by s.closes_at
         limit 1) as s
      cross join lateral (
        select coalesce(date_bin(t.bar_length, p_at, s.opens_at), s.opens_at) as starts_at) as n
     where t.timeframe = p_timeframe
       and s.opens_at <= p_at;
end;

comment on function ref.get_slot(text, text, timestamptz) is
$$The slot that an instant lies in (its start included, its end not), or no row outside of a session.$$;

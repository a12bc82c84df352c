create or replace function ref.get_closed_slot(
    p_exchange_id text,
    p_timeframe   text,
    p_now_at      timestamptz
)
returns table (
    session_on date,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on,
           coalesce(date_bin(t.bar_length, e.ends_at - interval '1 us', s.opens_at), s.opens_at),
           e.ends_at
      from ref.timeframes as t
      cross join lateral (
        (select c.* from ref.sessions as c
          where c.exchange_id = p_exchange_id and c.closes_at <= p_now_at
          order by c.closes_at desc limit 1)
         union all
        (select n.* from ref.sessions as n
          where n.exchange_id = p_exchange_id and n.closes_at > p_now_at
          order by n.closes_at limit 1)) as s
      cross join lateral (
        select case when s.closes_at <= p_now_at then s.closes_at
                    else date_bin(t.bar_length, p_now_at, s.opens_at) end as ends_at) as e
     where t.timeframe = p_timeframe
       and e.ends_at > s.opens_at
     order by e.ends_at desc
     limit 1;
end;

comment on function ref.get_closed_slot(text, text, timestamptz) is
$$The last slot of an exchange that had ended at p_now_at (the moment of its end included), or no row.$$;

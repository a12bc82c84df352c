create or replace function ref.list_sessions_of_day(
    p_exchange_id text,
    p_from_at     timestamptz
)
returns setof ref.sessions
language sql
stable
begin atomic
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_from_at
       and s.closes_at <= p_from_at + interval '24 hours'
     union all
    (select s.*
       from ref.sessions as s
      where s.exchange_id = p_exchange_id
        and s.closes_at > p_from_at + interval '24 hours'
      order by s.closes_at
      limit 1);
end;

comment on function ref.list_sessions_of_day(text, timestamptz) is
$$The sessions that the 24 hours from an instant on can lie in: those that close in them, and the next.
Why: a batch of bars has few days and many bars.$$;

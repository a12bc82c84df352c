create or replace function ref.list_sessions(
    p_exchange_id text,
    p_from_on     date,
    p_to_on       date,
    p_now_at      timestamptz
)
returns table (
    session_on  date,
    opens_at    timestamptz,
    closes_at   timestamptz,
    opens       text,
    closes      text,
    is_half_day boolean,
    slots       jsonb,
    amended     text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone    text := (select e.time_zone from ref.exchanges as e where e.exchange_id = p_exchange_id);
    v_from_on date := coalesce(p_from_on, (p_now_at at time zone v_zone)::date);
    v_to_on   date := coalesce(p_to_on, v_from_on + 30);
begin
    perform core.assert_that(v_zone is not null, 'MQN04', p_exchange_id);
    perform core.assert_that(
        v_to_on - v_from_on between 0 and 3660, 'MQA02', 'from ... to: 0 to 3660 days');
    return query
    select d.session_on, s.opens_at, s.closes_at, to_char(s.opens_at at time zone v_zone, 'HH24:MI'),
           to_char(s.closes_at at time zone v_zone, 'HH24:MI'), s.is_half_day, n.slots, a.reason
      from (select s.session_on from ref.sessions as s where s.exchange_id = p_exchange_id
             union select a.session_on from ref.amendments as a where a.exchange_id = p_exchange_id) as d
      left join ref.sessions as s
        on s.exchange_id = p_exchange_id and s.session_on = d.session_on
      left join lateral (
        select a.reason from ref.amendments as a
         where a.exchange_id = p_exchange_id and a.session_on = d.session_on
         order by a.amendment_seq desc limit 1) as a on true
      left join lateral ref.count_slots(p_exchange_id, d.session_on) as n (slots) on true
     where d.session_on between v_from_on and v_to_on
     order by d.session_on;
end;
$function$;

comment on function ref.list_sessions(text, date, date, timestamptz) is
$$The sessions of an exchange between two days (left out: from today on, for 30 days), their hours in UTC
and on the exchange's clocks, their bars by timeframe, and why one was amended; one that was amended away
has no hours.
Raises: MQN04 an unknown exchange; MQA02 more than 3660 days.$$;

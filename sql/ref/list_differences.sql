create or replace function ref.list_differences(
    p_exchange_id text,
    p_rows        jsonb
)
returns table (
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with given as materialized (
        select r.* from ref.parse_sessions(p_rows) as r
    ), stored as materialized (
        select s.* from ref.sessions as s where s.exchange_id = p_exchange_id
    ), both_know as (
        select greatest(g.first_on, s.first_on) as from_on, least(g.last_on, s.last_on) as until_on
          from (select min(g.session_on) as first_on, max(g.session_on) as last_on from given as g) as g
          join (select min(s.session_on) as first_on, max(s.session_on) as last_on from stored as s) as s
            on s.first_on is not null
    )
    select session_on
      from given as g
      full join stored as s using (session_on)
     cross join both_know as b
     where session_on between b.from_on and b.until_on
       and (g.opens_at, g.closes_at, g.is_half_day)
           is distinct from (s.opens_at, s.closes_at, s.is_half_day)
       and not exists (
        select from ref.amendments as a
         where a.exchange_id = p_exchange_id and a.session_on = coalesce(g.session_on, s.session_on));
$function$;

comment on function ref.list_differences(text, jsonb) is
$$The days on which a calendar file and the stored sessions differ, a session of one alone included,
where both know the exchange and nobody has amended the day.$$;

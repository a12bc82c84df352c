create or replace function ref.follow_amendment(
    p_amendment ref.amendments,
    p_time_zone text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    delete from ref.sessions as s
     where s.exchange_id = p_amendment.exchange_id
       and s.session_on = p_amendment.session_on;
    insert into ref.sessions (
        exchange_id, time_zone, session_on, opens_at, closes_at, is_half_day)
    select p_amendment.exchange_id, p_time_zone, p_amendment.session_on, p_amendment.opens_at,
           p_amendment.closes_at,
           coalesce(p_amendment.closes_at - p_amendment.opens_at < (
               select max(s.closes_at - s.opens_at)
                 from (select s.* from ref.sessions as s
                        where s.exchange_id = p_amendment.exchange_id
                        order by abs(s.session_on - p_amendment.session_on) limit 10) as s), false)
     where p_amendment.opens_at is not null;
end;
$function$;

comment on function ref.follow_amendment(ref.amendments, text) is
$$Puts the session as its last amendment has it; a half day is one shorter than the days around it.$$;

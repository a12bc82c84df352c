create or replace function ref.tg_sessions__follow_amendments()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(tg_op = 'DELETE', 'MQI04', format('%s of ref.sessions', tg_op));
    perform core.assert_that(
        exists (
            select from (
                select a.*
                  from ref.amendments as a
                 where a.exchange_id = old.exchange_id and a.session_on = old.session_on
                 order by a.amendment_seq desc limit 1) as a
             where (a.was_opens_at, a.was_closes_at) = (old.opens_at, old.closes_at)),
        'MQI04', format('%s %s', old.exchange_id, old.session_on));
    return old;
end;
$function$;

comment on function ref.tg_sessions__follow_amendments() is
$$Refuses to change a session, and to take one away unless an amendment of just that session is written.
Raises: MQI04.$$;

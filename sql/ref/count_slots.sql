create or replace function ref.count_slots(
    p_exchange_id text,
    p_session_on  date
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_object_agg(n.timeframe, n.slots)
      from (select t.timeframe, count(*) as slots
              from ref.timeframes as t
             cross join lateral ref.list_slots(
                   p_exchange_id, t.timeframe, p_session_on, p_session_on) as l
             group by t.timeframe) as n;
$function$;

comment on function ref.count_slots(text, date) is
$$How many bars a session has, by timeframe; null if the day is no session.$$;

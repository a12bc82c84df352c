create or replace function ref.get_session_before(
    p_exchange_id text,
    p_on          date
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.session_on < p_on
     order by s.session_on desc
     limit 1;
$function$;

comment on function ref.get_session_before(text, date) is
$$The last session before a day (which need not be one), or null.$$;

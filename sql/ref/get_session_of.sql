create or replace function ref.get_session_of(
    p_exchange_id text,
    p_at          timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at >= p_at
     order by s.closes_at
     limit 1;
$function$;

comment on function ref.get_session_of(text, timestamptz) is
$$The session whose day an instant belongs to: the first that closes then or later; a fill of the closing
auction is of the session that it closes, one after the close of the next. Null where the calendar ends.$$;

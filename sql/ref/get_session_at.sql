create or replace function ref.get_session_at(
    p_exchange_id text,
    p_at          timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.get_next_session(p_exchange_id, p_at) as s
     where s.opens_at <= p_at;
$function$;

comment on function ref.get_session_at(text, timestamptz) is
$$The session that is open at an instant, its first moment included and its last not, or null.$$;

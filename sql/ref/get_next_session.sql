create or replace function ref.get_next_session(
    p_exchange_id text,
    p_now_at      timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_now_at
     order by s.closes_at
     limit 1;
$function$;

comment on function ref.get_next_session(text, timestamptz) is
$$The session in which an order given at p_now_at can trade: the first that closes later, or null.$$;

create or replace function ref.is_open(
    p_exchange_id text,
    p_at          timestamptz
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.opens_at <= p_at
      from ref.get_next_session(p_exchange_id, p_at) as s
     where exists (
        select from ref.sessions as f
         where f.exchange_id = p_exchange_id and f.opens_at <= p_at);
$function$;

comment on function ref.is_open(text, timestamptz) is
$$Whether an exchange trades at an instant: from the moment of the open up to that of the close, which is
out. Null where its calendar has not begun or has ended: unknown is not closed.$$;

create or replace function ref.count_sessions(
    p_exchange_id text,
    p_after_at    timestamptz,
    p_until_at    timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_after_at
       and s.closes_at <= p_until_at;
$function$;

comment on function ref.count_sessions(text, timestamptz, timestamptz) is
$$How many sessions closed after one instant and not after another.$$;

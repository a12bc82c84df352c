create or replace function ref.is_amendable(
    p_was_opens_at  timestamptz,
    p_was_closes_at timestamptz,
    p_opens_at      timestamptz,
    p_closes_at     timestamptz,
    p_now_at        timestamptz
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select least(p_was_closes_at, p_closes_at) > p_now_at
       and (p_was_opens_at is not distinct from p_opens_at
            or least(p_was_opens_at, p_opens_at) > p_now_at);
$function$;

comment on function ref.is_amendable(
    timestamptz, timestamptz, timestamptz, timestamptz, timestamptz) is
$$Whether the hours of a session (null: none) may still become others: neither close has been, and the
open has not been, or stays.$$;

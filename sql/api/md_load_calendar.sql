create or replace function api.md_load_calendar(
    p_exchange_id text,
    p_time_zone   text,
    p_rows        jsonb,
    p_now_at      timestamptz
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ref.load_sessions(p_exchange_id, p_time_zone, p_rows, p_now_at);
$function$;

comment on function api.md_load_calendar(text, text, jsonb, timestamptz) is
$$Loads exchange sessions; gives how many were new.$$;

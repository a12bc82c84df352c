create or replace function api.md_keep_raw(
    p_feed         text,
    p_request      jsonb,
    p_content_type text,
    p_body         bytea,
    p_now_at       timestamptz
)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.keep_raw(p_feed, p_request, p_content_type, p_body, p_now_at);
$function$;

comment on function api.md_keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Keeps what a feed or a file said, byte for byte; gives its SHA-256.$$;

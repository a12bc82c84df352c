create or replace function io.keep_raw(
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

comment on function io.keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Service door to md.keep_raw.$$;

create or replace function audit.append_desk_event(
    p_topic      text,
    p_event_name text,
    p_payload    jsonb,
    p_now_at     timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
               audit.open_engine_chain('DESK', p_now_at), p_topic, p_event_name, p_payload, p_now_at);
$function$;

comment on function audit.append_desk_event(text, text, jsonb, timestamptz) is
$$Appends an event that belongs to no engine (data, calendars, strategies) to the chain DESK.$$;

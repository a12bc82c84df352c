create or replace function api.md_clear_jump(
    p_symbol     text,
    p_session_on date,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.clear_jump(p_symbol, p_session_on, p_reason, p_now_at);
$function$;

comment on function api.md_clear_jump(text, date, text, timestamptz) is
$$A person says that the jump of a symbol before a session is no split.
Raises: MQA01; MQA12; MQN12.$$;

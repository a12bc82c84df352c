create or replace function api.token_revoke(
    p_token_id text,
    p_reason   text,
    p_now_at   timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
      from ops.perform_action(
           'TOKEN_REVOKE', null,
           jsonb_build_object('token_id', p_token_id, 'reason', p_reason), p_now_at) as f;
$function$;

comment on function api.token_revoke(text, text, timestamptz) is
$$Ends a token now, whosever it is.$$;

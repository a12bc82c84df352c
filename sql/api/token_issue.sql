create or replace function api.token_issue(
    p_token_id    text,
    p_verifier    text,
    p_environment text,
    p_scopes      jsonb,
    p_expires_at  timestamptz,
    p_now_at      timestamptz
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
           'TOKEN_ISSUE', null, jsonb_build_object(
               'token_id', p_token_id, 'verifier', p_verifier, 'environment', p_environment,
               'scopes', p_scopes, 'expires_at', core.format_iso(p_expires_at)), p_now_at) as f;
$function$;

comment on function api.token_issue(text, text, text, jsonb, timestamptz, timestamptz) is
$$Issues a token to the person logged in; the database never sees the secret, nor what stands for it.$$;

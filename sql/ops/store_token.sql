create or replace function ops.store_token(
    p_args     jsonb,
    p_scopes   text[],
    p_replaces text,
    p_now_at   timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_expires_at timestamptz := core.parse_time(p_args ->> 'expires_at');
begin
    perform core.assert_that(
        num_nulls(p_args ->> 'token_id', p_args ->> 'verifier', p_args ->> 'environment',
                  p_scopes, v_expires_at) = 0,
        'MQA01', 'token_id, verifier, environment, scopes, expires_at');
    perform ops.assert_token_scopes(audit.get_actor(), p_scopes);
    insert into ops.tokens (
        token_id, verifier, environment, actor, scopes, replaces, issued_at, expires_at)
    values (p_args ->> 'token_id', p_args ->> 'verifier', p_args ->> 'environment',
            audit.get_actor(), p_scopes, p_replaces, p_now_at, v_expires_at);
    return format('%s: %s until %s', p_args ->> 'token_id', array_to_string(p_scopes, ' '),
                  core.format_iso(v_expires_at));
end;
$function$;

comment on function ops.store_token(jsonb, text[], text, timestamptz) is
$$Keeps a token's terms for the person who acts; says them back. Keys: token_id, verifier (SHA-256 hex of
the digest that its use will bring), environment, expires_at.
Raises: MQA01; MQG63; 23514 naming the term that is out of bounds.$$;

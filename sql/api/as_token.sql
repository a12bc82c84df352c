create or replace function api.as_token(
    p_token_id  text,
    p_digest    text,
    p_command   text,
    p_arguments jsonb,
    p_now_at    timestamptz
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
      from ops.act_as_token(p_token_id, p_digest, p_command, p_arguments, p_now_at) as f;
$function$;

comment on function api.as_token(text, text, text, jsonb, timestamptz) is
$$Does an operator action in the name of the person whose token it is: the only power of mqk_console.
p_digest is the SHA-256 hex of the token; p_command a command of ops.list_token_commands.
Raises: MQA01; MQA02; MQA03; MQG62; 22P02.$$;

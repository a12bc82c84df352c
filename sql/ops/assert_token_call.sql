create or replace function ops.assert_token_call(
    p_token_id text,
    p_digest   text,
    p_command  text,
    p_args     jsonb,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(num_nulls(p_token_id, p_digest, p_command, p_args, p_now_at) = 0,
                             'MQA01', 'token_id, digest, command, arguments, now_at');
    perform core.assert_that(
        p_token_id ~ '^[0-9a-f]{8}$' and jsonb_typeof(p_args) = 'object'
        and p_command in (select c.command from ops.list_token_commands() as c),
        'MQA02', format('token_id %s, command %s', left(p_token_id, 8), left(p_command, 40)));
    perform core.assert_clock_is_near(p_now_at);
end;
$function$;

comment on function ops.assert_token_call(text, text, text, jsonb, timestamptz) is
$$Refuses a call with a token that is malformed, or whose time is not that of the server.
Why: a console that lies about the time must not make an expired token live.
Raises: MQA01; MQA02 no token's id, no such command; MQA03.$$;

create or replace function ops.revoke_token(
    p_token_id text,
    p_reason   text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from ops.tokens as t where t.token_id = p_token_id), 'MQN60', p_token_id);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    values (p_token_id, p_now_at, audit.get_actor(), p_reason, p_now_at);
end;
$function$;

comment on function ops.revoke_token(text, text, timestamptz) is
$$Ends a token now, whosever it is: anyone may stop.
Raises: MQN60 no such token.$$;

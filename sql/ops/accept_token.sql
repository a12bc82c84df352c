create or replace function ops.accept_token(
    p_token_id text,
    p_peer     text,
    p_command  text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into ops.token_uses (
        presented_id, login, peer, command, is_accepted, reason, used_at)
    values (p_token_id, session_user, p_peer, p_command, true, '', p_now_at);
    perform audit.begin_acting(
        (select t.actor from ops.tokens as t where t.token_id = p_token_id), p_token_id, p_now_at);
end;
$function$;

comment on function ops.accept_token(text, text, text, timestamptz) is
$$Writes down that a token was used, and acts for its person to the end of the transaction.$$;

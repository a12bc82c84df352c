create or replace function ops.refuse_token(
    p_token_id text,
    p_peer     text,
    p_command  text,
    p_reason   text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count record;
begin
    select c.* into v_count from ops.count_token_failures(p_token_id, p_peer, p_now_at) as c;
    perform core.assert_that(
        v_count.of_id < 10 and v_count.of_peer < 10 and v_count.of_all < 100, 'MQG62',
        format('%s of this id, %s of this login and address, %s of all',
               v_count.of_id, v_count.of_peer, v_count.of_all));
    insert into ops.token_uses (
        presented_id, login, peer, command, is_accepted, reason, used_at)
    values (p_token_id, session_user, p_peer, p_command, false, p_reason, p_now_at);
    perform audit.append_desk_event(
        'RUNTIME', 'TOKEN_REFUSED',
        jsonb_build_object('token_id', p_token_id, 'login', session_user, 'peer', p_peer,
                           'command', p_command, 'reason', p_reason), p_now_at);
end;
$function$;

comment on function ops.refuse_token(text, text, text, text, timestamptz) is
$$Writes down a refused use of a token, and after ten a minute (of an id, or of a login at an address; 100
of all) refuses to write more.
Why: who guesses must not fill the disk or the diary; a token that is valid is never held up, so that
nobody can keep an operator from a halt by guessing under his token's id.
Raises: MQG62 too many.$$;

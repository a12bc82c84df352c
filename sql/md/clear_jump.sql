create or replace function md.clear_jump(
    p_symbol     text,
    p_session_on date,
    p_reason     text,
    p_now_at     timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        num_nulls(p_symbol, p_session_on, p_now_at) = 0, 'MQA01', 'symbol, session_on, now_at');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    perform core.assert_that(
        exists (select from md.bars as b where b.symbol = p_symbol and b.session_on = p_session_on),
        'MQN12', format('%s %s', p_symbol, p_session_on));
    insert into md.cleared_jumps (symbol, session_on, reason, cleared_by, cleared_at)
    values (p_symbol, p_session_on, p_reason, audit.get_actor(), p_now_at)
    on conflict (symbol, session_on) do nothing;
    if found then
        perform audit.append_desk_event(
            'MARKET', 'JUMP_CLEARED',
            jsonb_build_object('symbol', p_symbol, 'session_on', p_session_on, 'reason', p_reason),
            p_now_at);
    end if;
    return found;
end;
$function$;

comment on function md.clear_jump(text, date, text, timestamptz) is
$$A person says that the jump of a symbol before a session is no split; false when it was said before.
Raises: MQA01; MQA12 no reason; MQN12 there is no bar of that session.$$;

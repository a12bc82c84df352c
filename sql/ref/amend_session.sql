create or replace function ref.amend_session(
    p_exchange_id text,
    p_session_on  date,
    p_opens       text,
    p_closes      text,
    p_reason      text,
    p_now_at      timestamptz
)
returns ref.amendments
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone text;
    v_was  ref.sessions;
    v_new  ref.amendments;
begin
    perform core.assert_that(
        num_nulls(p_exchange_id, p_session_on, p_now_at) = 0, 'MQA01', 'exchange, day, now_at');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    perform core.assert_that(
        num_nulls(p_opens, p_closes) in (0, 2)
        and coalesce(p_opens || p_closes, '00:0000:00') ~ '^(([01]\d|2[0-3]):[0-5]\d){2}$',
        'MQA02', 'opens and closes are HH:MM of the exchange, or both left out');
    select e.time_zone into v_zone
      from ref.exchanges as e where e.exchange_id = p_exchange_id for update;
    perform core.assert_that(v_zone is not null, 'MQN04', p_exchange_id);
    select s.* into v_was
      from ref.sessions as s where s.exchange_id = p_exchange_id and s.session_on = p_session_on;
    v_new.opens_at := (p_session_on + p_opens::time) at time zone v_zone;
    v_new.closes_at := (p_session_on + p_closes::time) at time zone v_zone;
    if (v_new.opens_at, v_new.closes_at) is not distinct from (v_was.opens_at, v_was.closes_at) then
        return null;
    end if;
    perform core.assert_that(
        ref.is_amendable(v_was.opens_at, v_was.closes_at, v_new.opens_at, v_new.closes_at, p_now_at),
        'MQS20', format('%s %s', p_exchange_id, p_session_on));

    insert into ref.amendments (
        exchange_id, session_on, amendment_seq, was_opens_at, was_closes_at, opens_at, closes_at,
        reason, actor, amended_at)
    select p_exchange_id, p_session_on, count(*) + 1, v_was.opens_at, v_was.closes_at,
           v_new.opens_at, v_new.closes_at, p_reason, audit.get_actor(), p_now_at
      from ref.amendments as a
     where a.exchange_id = p_exchange_id and a.session_on = p_session_on
    returning * into v_new;
    perform ref.follow_amendment(v_new, v_zone);
    perform audit.append_desk_event('MARKET', 'SESSION_AMENDED', to_jsonb(v_new) - 'amended_at', p_now_at);
    return v_new;
end;
$function$;

comment on function ref.amend_session(text, date, text, text, text, timestamptz) is
$$Says when an exchange opens and closes on a day to come (HH:MM on its clocks), or, with neither, that it
does not; gives the amendment, or null when nothing changes by it.
Why: an exchange that mourns tomorrow has no session in any file. What has taken place stays.
Raises: MQA01; MQA12 no reason; MQA02 not a time; MQN04 an unknown exchange; MQS20 too late; 23514 closes
before it opens.$$;

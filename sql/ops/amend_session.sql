create or replace function ops.amend_session(
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
    v_new  ref.amendments := ref.amend_session(
        p_exchange_id, p_session_on, p_opens, p_closes, p_reason, p_now_at);
    v_seen text;
begin
    select min(b.symbol) into v_seen
      from ref.instruments as i
     cross join ref.timeframes as t
      join md.bars as b on b.symbol = i.symbol and b.timeframe = t.timeframe
     where i.exchange_id = v_new.exchange_id
       and b.session_on = v_new.session_on
       and b.bar_end_at > (v_new.session_on - 1)::timestamp at time zone 'UTC'
       and b.bar_end_at < (v_new.session_on + 2)::timestamp at time zone 'UTC';
    perform core.assert_that(
        v_seen is null, 'MQS20', format('%s %s: %s has traded', p_exchange_id, p_session_on, v_seen));
    return v_new;
end;
$function$;

comment on function ops.amend_session(text, date, text, text, text, timestamptz) is
$$Amends the hours of a session to come: ref.amend_session, unless a bar of that day is stored.
Why: a bar is a proof that the day has taken place, whatever the caller's clock says.
Raises: MQA01; MQA12; MQA02; MQN04; MQS20; 23514.$$;

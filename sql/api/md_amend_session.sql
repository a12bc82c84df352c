create or replace function api.md_amend_session(
    p_exchange_id text,
    p_session_on  date,
    p_opens       text,
    p_closes      text,
    p_reason      text,
    p_now_at      timestamptz
)
returns table (
    exchange_id   text,
    session_on    date,
    was_opens_at  timestamptz,
    was_closes_at timestamptz,
    opens_at      timestamptz,
    closes_at     timestamptz
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.exchange_id, f.session_on, f.was_opens_at, f.was_closes_at, f.opens_at, f.closes_at
      from ops.amend_session(
           p_exchange_id, p_session_on, p_opens, p_closes, p_reason, p_now_at) as f
     where f.exchange_id is not null;
$function$;

comment on function api.md_amend_session(text, date, text, text, text, timestamptz) is
$$Amends the hours of a session to come, or closes it; no row if they are so already.
Raises: MQA01; MQA12; MQA02; MQN04; MQS20; 23514.$$;

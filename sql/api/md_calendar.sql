create or replace function api.md_calendar(
    p_exchange_id text,
    p_from_on     date,
    p_to_on       date,
    p_now_at      timestamptz
)
returns table (
    session_on  date,
    opens_at    timestamptz,
    closes_at   timestamptz,
    opens       text,
    closes      text,
    is_half_day boolean,
    slots       jsonb,
    amended     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.session_on, f.opens_at, f.closes_at, f.opens, f.closes, f.is_half_day, f.slots,
           f.amended
      from ref.list_sessions(p_exchange_id, p_from_on, p_to_on, p_now_at) as f;
$function$;

comment on function api.md_calendar(text, date, date, timestamptz) is
$$The sessions of an exchange between two days (left out: 30 days from today).
Raises: MQN04; MQA02.$$;

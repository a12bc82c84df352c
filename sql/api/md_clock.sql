create or replace function api.md_clock(
    p_exchange_id text,
    p_at          timestamptz
)
returns table (
    is_open       boolean,
    session_on    date,
    opens_at      timestamptz,
    closes_at     timestamptz,
    is_half_day   boolean,
    previous_on   date,
    next_on       date,
    next_open_at  timestamptz,
    next_close_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_open, f.session_on, f.opens_at, f.closes_at, f.is_half_day, f.previous_on,
           f.next_on, f.next_open_at, f.next_close_at
      from ref.describe_market(p_exchange_id, p_at) as f;
$function$;

comment on function api.md_clock(text, timestamptz) is
$$An exchange at an instant: open or not, whose day it is, what comes next.
Raises: MQA01; MQN04.$$;

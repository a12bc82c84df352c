create or replace function ref.describe_market(
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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(num_nulls(p_exchange_id, p_at) = 0, 'MQA01', 'exchange_id, at');
    perform core.assert_that(
        ref.is_open(p_exchange_id, p_at) is not null, 'MQN04',
        format('%s %s', p_exchange_id, core.format_iso(p_at)));
    return query
    select ref.is_open(p_exchange_id, p_at), d.session_on, d.opens_at, d.closes_at, d.is_half_day,
           (ref.get_session_before(p_exchange_id, d.session_on)).session_on,
           (ref.get_session_after(p_exchange_id, d.session_on)).session_on,
           (select min(s.opens_at) from ref.sessions as s
             where s.exchange_id = p_exchange_id and s.opens_at > p_at),
           (ref.get_next_session(p_exchange_id, p_at)).closes_at
      from ref.get_session_of(p_exchange_id, p_at) as d;
end;
$function$;

comment on function ref.describe_market(text, timestamptz) is
$$An exchange at an instant: whether it is open, the session whose day it is (see ref.get_session_of), its
neighbours, the next open and the next close, both later than the instant.
Raises: MQA01; MQN04 the calendar does not cover the instant.$$;

create or replace function ref.load_sessions(
    p_exchange_id text,
    p_time_zone   text,
    p_rows        jsonb,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_changed text;
    v_loaded  bigint;
begin
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    insert into ref.exchanges (exchange_id, time_zone)
    values (p_exchange_id, p_time_zone)
    on conflict (exchange_id) do nothing;

    select string_agg(s.session_on::text, ', ' order by s.session_on) into v_changed
      from jsonb_to_recordset(p_rows) as r (
           session_on date, opens_at text, closes_at text, is_half_day boolean)
      join ref.sessions as s on s.exchange_id = p_exchange_id and s.session_on = r.session_on
     where (s.opens_at, s.closes_at, s.is_half_day) is distinct from
           (core.parse_time(r.opens_at), core.parse_time(r.closes_at), r.is_half_day);
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);

    insert into ref.sessions (exchange_id, session_on, opens_at, closes_at, is_half_day)
    select p_exchange_id, r.session_on, core.parse_time(r.opens_at), core.parse_time(r.closes_at),
           r.is_half_day
      from jsonb_to_recordset(p_rows) as r (
           session_on date, opens_at text, closes_at text, is_half_day boolean)
     order by r.session_on
    on conflict (exchange_id, session_on) do nothing;
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'CALENDAR_LOADED',
        jsonb_build_object('exchange_id', p_exchange_id, 'sessions', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_sessions(text, text, jsonb, timestamptz) is
$$Stores the sessions of an exchange that are not stored yet; gives how many were new.
p_rows: [{session_on, opens_at, closes_at (ISO with offset), is_half_day}].
Why: day boundaries, gaps and order lifetimes count sessions, not hours.
Raises: MQA05 not an array; MQA10 a stored session differs; 23502 a time without offset.$$;

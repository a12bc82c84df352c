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
    perform core.assert_that(
        num_nulls(p_exchange_id, p_time_zone, p_now_at) = 0, 'MQA01', 'exchange_id, time_zone, now_at');
    perform core.assert_that(jsonb_typeof(p_rows) = 'array', 'MQA05', jsonb_typeof(p_rows));
    insert into ref.exchanges (exchange_id, time_zone)
    values (p_exchange_id, p_time_zone)
    on conflict (exchange_id) do nothing;
    select format('%s is in %s', e.exchange_id, e.time_zone) into v_changed
      from ref.exchanges as e
     where e.exchange_id = p_exchange_id and e.time_zone <> p_time_zone;
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);
    select string_agg(r.exchange_id, ', ') into v_changed
      from jsonb_to_recordset(p_rows) as r (exchange_id text, time_zone text)
     where (r.exchange_id, r.time_zone) <> (p_exchange_id, p_time_zone);
    perform core.assert_that(
        v_changed is null, 'MQA02', 'a calendar is of one exchange: ' || left(v_changed, 99));

    select string_agg(d.session_on::text, ', ' order by d.session_on) into v_changed
      from ref.list_differences(p_exchange_id, p_rows) as d;
    perform core.assert_that(v_changed is null, 'MQA10', left(v_changed, 500));

    insert into ref.sessions (
        exchange_id, time_zone, session_on, opens_at, closes_at, is_half_day)
    select p_exchange_id, p_time_zone, r.session_on, r.opens_at, r.closes_at, r.is_half_day
      from ref.parse_sessions(p_rows) as r
     where not exists (
        select from ref.amendments as a
         where a.exchange_id = p_exchange_id and a.session_on = r.session_on)
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
Why: day boundaries, gaps and order lifetimes count sessions, not hours. What is stored does not change
by a file: it grows at its ends. A session that was amended stays as it was amended.
Raises: MQA01; MQA05 not an array; MQA02 two exchanges; MQA10 a stored session or zone differs, or the
file has a day more or less between stored ones; 23502 a time without offset; 23514 not of its day.$$;

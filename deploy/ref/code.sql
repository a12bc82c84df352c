-- Deploy mqk:ref/code to pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

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

create or replace function ref.load_instruments(
    p_rows   jsonb,
    p_now_at timestamptz
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
    select string_agg(i.symbol, ', ' order by i.symbol) into v_changed
      from jsonb_to_recordset(p_rows) as r (
           symbol text, exchange_id text, instrument_kind text, name text,
           listed_on date, delisted_on date)
      join ref.instruments as i on i.symbol = r.symbol
     where (i.exchange_id, i.instrument_kind, i.name, i.listed_on, i.delisted_on) is distinct from
           (r.exchange_id, r.instrument_kind, r.name, r.listed_on, r.delisted_on);
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);

    insert into ref.instruments (symbol, exchange_id, instrument_kind, name, listed_on, delisted_on)
    select r.symbol, r.exchange_id, r.instrument_kind, r.name, r.listed_on, r.delisted_on
      from jsonb_to_recordset(p_rows) as r (
           symbol text, exchange_id text, instrument_kind text, name text,
           listed_on date, delisted_on date)
     order by r.symbol
    on conflict (symbol) do nothing;
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'INSTRUMENTS_LOADED', jsonb_build_object('instruments', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_instruments(jsonb, timestamptz) is
$$Stores the instruments that are not stored yet; gives how many were new.
p_rows: [{symbol, exchange_id, instrument_kind EQUITY|ETF|INDEX, name, listed_on, delisted_on}].
Raises: MQA05 not an array; MQA10 a stored instrument differs; 23503 unknown exchange.$$;

create or replace function ref.get_closed_session(
    p_exchange_id text,
    p_now_at      timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at <= p_now_at
     order by s.closes_at desc
     limit 1;
$function$;

comment on function ref.get_closed_session(text, timestamptz) is
$$The last session that had closed at p_now_at (the moment of the close included), or null.$$;

create or replace function ref.get_next_session(
    p_exchange_id text,
    p_now_at      timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_now_at
     order by s.closes_at
     limit 1;
$function$;

comment on function ref.get_next_session(text, timestamptz) is
$$The session in which an order given at p_now_at can trade: the first that closes later, or null.$$;

commit;

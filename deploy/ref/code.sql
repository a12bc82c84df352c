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

create or replace function ref.list_slots(
    p_exchange_id text,
    p_timeframe   text,
    p_from_on     date,
    p_to_on       date
)
returns table (
    session_on date,
    slot_no    integer,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on, n.slot_no::integer, n.starts_at,
           least(n.starts_at + t.bar_length, s.closes_at)
      from ref.timeframes as t
      join ref.sessions as s on s.exchange_id = p_exchange_id
      cross join lateral generate_series(
           s.opens_at, s.closes_at - interval '1 us',
           coalesce(t.bar_length, s.closes_at - s.opens_at)) with ordinality as n (starts_at, slot_no)
     where t.timeframe = p_timeframe
       and s.session_on between p_from_on and p_to_on;
end;

comment on function ref.list_slots(text, text, date, date) is
$$The bars that the sessions of an exchange are cut into, from the open on: slot_no from 1, starts_at
included, ends_at not. The last slot ends with the session and may be shorter (1H: 15:30 to 16:00).$$;

create or replace function ref.get_slot(
    p_exchange_id text,
    p_timeframe   text,
    p_at          timestamptz
)
returns table (
    session_on date,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on, n.starts_at, least(n.starts_at + t.bar_length, s.closes_at)
      from ref.timeframes as t
      cross join lateral (
        select s.*
          from ref.sessions as s
         where s.exchange_id = p_exchange_id and s.closes_at > p_at
         order by s.closes_at
         limit 1) as s
      cross join lateral (
        select coalesce(date_bin(t.bar_length, p_at, s.opens_at), s.opens_at) as starts_at) as n
     where t.timeframe = p_timeframe
       and s.opens_at <= p_at;
end;

comment on function ref.get_slot(text, text, timestamptz) is
$$The slot that an instant lies in (its start included, its end not), or no row outside of a session.$$;

create or replace function ref.get_closed_slot(
    p_exchange_id text,
    p_timeframe   text,
    p_now_at      timestamptz
)
returns table (
    session_on date,
    starts_at  timestamptz,
    ends_at    timestamptz
)
language sql
stable
begin atomic
    select s.session_on,
           coalesce(date_bin(t.bar_length, e.ends_at - interval '1 us', s.opens_at), s.opens_at),
           e.ends_at
      from ref.timeframes as t
      cross join lateral (
        (select c.* from ref.sessions as c
          where c.exchange_id = p_exchange_id and c.closes_at <= p_now_at
          order by c.closes_at desc limit 1)
         union all
        (select n.* from ref.sessions as n
          where n.exchange_id = p_exchange_id and n.closes_at > p_now_at
          order by n.closes_at limit 1)) as s
      cross join lateral (
        select case when s.closes_at <= p_now_at then s.closes_at
                    else date_bin(t.bar_length, p_now_at, s.opens_at) end as ends_at) as e
     where t.timeframe = p_timeframe
       and e.ends_at > s.opens_at
     order by e.ends_at desc
     limit 1;
end;

comment on function ref.get_closed_slot(text, text, timestamptz) is
$$The last slot of an exchange that had ended at p_now_at (the moment of its end included), or no row.$$;

insert into ref.timeframes (timeframe, bar_length)
values ('1m', '1 minute'), ('5m', '5 minutes'), ('15m', '15 minutes'), ('1H', '1 hour'), ('1D', null)
on conflict (timeframe) do nothing;

create or replace trigger _900_refuse_change before update or delete on ref.timeframes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.timeframes
for each statement execute function core.tg_refuse_change();

commit;

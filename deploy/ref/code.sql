-- Deploy mqk:ref/code to pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

create or replace function ref.parse_sessions(
    p_rows jsonb
)
returns table (
    session_on  date,
    opens_at    timestamptz,
    closes_at   timestamptz,
    is_half_day boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.session_on, core.parse_time(r.opens_at), core.parse_time(r.closes_at), r.is_half_day
      from jsonb_to_recordset(p_rows) as r (
           session_on date, opens_at text, closes_at text, is_half_day boolean);
$function$;

comment on function ref.parse_sessions(jsonb) is
$$The rows of a calendar in types; a time without an offset is null.
Raises: 22008, 22P02 not a date or a boolean.$$;

create or replace function ref.list_differences(
    p_exchange_id text,
    p_rows        jsonb
)
returns table (
    session_on date
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with given as materialized (
        select r.* from ref.parse_sessions(p_rows) as r
    ), stored as materialized (
        select s.* from ref.sessions as s where s.exchange_id = p_exchange_id
    ), both_know as (
        select greatest(g.first_on, s.first_on) as from_on, least(g.last_on, s.last_on) as until_on
          from (select min(g.session_on) as first_on, max(g.session_on) as last_on from given as g) as g
          join (select min(s.session_on) as first_on, max(s.session_on) as last_on from stored as s) as s
            on s.first_on is not null
    )
    select session_on
      from given as g
      full join stored as s using (session_on)
     cross join both_know as b
     where session_on between b.from_on and b.until_on
       and (g.opens_at, g.closes_at, g.is_half_day)
           is distinct from (s.opens_at, s.closes_at, s.is_half_day)
       and not exists (
        select from ref.amendments as a
         where a.exchange_id = p_exchange_id and a.session_on = coalesce(g.session_on, s.session_on));
$function$;

comment on function ref.list_differences(text, jsonb) is
$$The days on which a calendar file and the stored sessions differ, a session of one alone included,
where both know the exchange and nobody has amended the day.$$;

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

create or replace function ref.is_amendable(
    p_was_opens_at  timestamptz,
    p_was_closes_at timestamptz,
    p_opens_at      timestamptz,
    p_closes_at     timestamptz,
    p_now_at        timestamptz
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select least(p_was_closes_at, p_closes_at) > p_now_at
       and (p_was_opens_at is not distinct from p_opens_at
            or least(p_was_opens_at, p_opens_at) > p_now_at);
$function$;

comment on function ref.is_amendable(
    timestamptz, timestamptz, timestamptz, timestamptz, timestamptz) is
$$Whether the hours of a session (null: none) may still become others: neither close has been, and the
open has not been, or stays.$$;

create or replace function ref.follow_amendment(
    p_amendment ref.amendments,
    p_time_zone text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    delete from ref.sessions as s
     where s.exchange_id = p_amendment.exchange_id
       and s.session_on = p_amendment.session_on;
    insert into ref.sessions (
        exchange_id, time_zone, session_on, opens_at, closes_at, is_half_day)
    select p_amendment.exchange_id, p_time_zone, p_amendment.session_on, p_amendment.opens_at,
           p_amendment.closes_at,
           coalesce(p_amendment.closes_at - p_amendment.opens_at < (
               select max(s.closes_at - s.opens_at)
                 from (select s.* from ref.sessions as s
                        where s.exchange_id = p_amendment.exchange_id
                        order by abs(s.session_on - p_amendment.session_on) limit 10) as s), false)
     where p_amendment.opens_at is not null;
end;
$function$;

comment on function ref.follow_amendment(ref.amendments, text) is
$$Puts the session as its last amendment has it; a half day is one shorter than the days around it.$$;

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

create or replace function ref.tg_sessions__follow_amendments()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(tg_op = 'DELETE', 'MQI04', format('%s of ref.sessions', tg_op));
    perform core.assert_that(
        exists (
            select from (
                select a.*
                  from ref.amendments as a
                 where a.exchange_id = old.exchange_id and a.session_on = old.session_on
                 order by a.amendment_seq desc limit 1) as a
             where (a.was_opens_at, a.was_closes_at) = (old.opens_at, old.closes_at)),
        'MQI04', format('%s %s', old.exchange_id, old.session_on));
    return old;
end;
$function$;

comment on function ref.tg_sessions__follow_amendments() is
$$Refuses to change a session, and to take one away unless an amendment of just that session is written.
Raises: MQI04.$$;

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

create or replace function ref.get_session_of(
    p_exchange_id text,
    p_at          timestamptz
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at >= p_at
     order by s.closes_at
     limit 1;
$function$;

comment on function ref.get_session_of(text, timestamptz) is
$$The session whose day an instant belongs to: the first that closes then or later; a fill of the closing
auction is of the session that it closes, one after the close of the next. Null where the calendar ends.$$;

create or replace function ref.get_session_before(
    p_exchange_id text,
    p_on          date
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.session_on < p_on
     order by s.session_on desc
     limit 1;
$function$;

comment on function ref.get_session_before(text, date) is
$$The last session before a day (which need not be one), or null.$$;

create or replace function ref.get_session_after(
    p_exchange_id text,
    p_on          date
)
returns ref.sessions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.session_on > p_on
     order by s.session_on
     limit 1;
$function$;

comment on function ref.get_session_after(text, date) is
$$The first session after a day (which need not be one), or null.$$;

create or replace function ref.is_open(
    p_exchange_id text,
    p_at          timestamptz
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.opens_at <= p_at
      from ref.get_next_session(p_exchange_id, p_at) as s
     where exists (
        select from ref.sessions as f
         where f.exchange_id = p_exchange_id and f.opens_at <= p_at);
$function$;

comment on function ref.is_open(text, timestamptz) is
$$Whether an exchange trades at an instant: from the moment of the open up to that of the close, which is
out. Null where its calendar has not begun or has ended: unknown is not closed.$$;

create or replace function ref.count_sessions(
    p_exchange_id text,
    p_after_at    timestamptz,
    p_until_at    timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_after_at
       and s.closes_at <= p_until_at;
$function$;

comment on function ref.count_sessions(text, timestamptz, timestamptz) is
$$How many sessions closed after one instant and not after another.$$;

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

create or replace function ref.compute_slot_start(
    p_bar_length interval,
    p_opens_at   timestamptz,
    p_at         timestamptz
)
returns timestamptz
language sql
immutable
parallel safe
return coalesce(date_bin(p_bar_length, p_at, p_opens_at), p_opens_at);

comment on function ref.compute_slot_start(interval, timestamptz, timestamptz) is
$$Where the slot begins that an instant of a session lies in; p_bar_length null: the session is one slot.$$;

create or replace function ref.compute_slot_end(
    p_bar_length interval,
    p_opens_at   timestamptz,
    p_closes_at  timestamptz,
    p_at         timestamptz
)
returns timestamptz
language sql
immutable
parallel safe
return least(date_bin(p_bar_length, p_at, p_opens_at) + p_bar_length, p_closes_at);

comment on function ref.compute_slot_end(interval, timestamptz, timestamptz, timestamptz) is
$$Where the slot ends that an instant of a session lies in: with the session at the latest.$$;

create or replace function ref.list_sessions_of_day(
    p_exchange_id text,
    p_from_at     timestamptz
)
returns setof ref.sessions
language sql
stable
begin atomic
    select s.*
      from ref.sessions as s
     where s.exchange_id = p_exchange_id
       and s.closes_at > p_from_at
       and s.closes_at <= p_from_at + interval '24 hours'
     union all
    (select s.*
       from ref.sessions as s
      where s.exchange_id = p_exchange_id
        and s.closes_at > p_from_at + interval '24 hours'
      order by s.closes_at
      limit 1);
end;

comment on function ref.list_sessions_of_day(text, timestamptz) is
$$The sessions that the 24 hours from an instant on can lie in: those that close in them, and the next.
Why: a batch of bars has few days and many bars.$$;

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

create or replace function ref.count_slots(
    p_exchange_id text,
    p_session_on  date
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_object_agg(n.timeframe, n.slots)
      from (select t.timeframe, count(*) as slots
              from ref.timeframes as t
             cross join lateral ref.list_slots(
                   p_exchange_id, t.timeframe, p_session_on, p_session_on) as l
             group by t.timeframe) as n;
$function$;

comment on function ref.count_slots(text, date) is
$$How many bars a session has, by timeframe; null if the day is no session.$$;

create or replace function ref.list_sessions(
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
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_zone    text := (select e.time_zone from ref.exchanges as e where e.exchange_id = p_exchange_id);
    v_from_on date := coalesce(p_from_on, (p_now_at at time zone v_zone)::date);
    v_to_on   date := coalesce(p_to_on, v_from_on + 30);
begin
    perform core.assert_that(v_zone is not null, 'MQN04', p_exchange_id);
    perform core.assert_that(
        v_to_on - v_from_on between 0 and 3660, 'MQA02', 'from ... to: 0 to 3660 days');
    return query
    select d.session_on, s.opens_at, s.closes_at, to_char(s.opens_at at time zone v_zone, 'HH24:MI'),
           to_char(s.closes_at at time zone v_zone, 'HH24:MI'), s.is_half_day, n.slots, a.reason
      from (select s.session_on from ref.sessions as s where s.exchange_id = p_exchange_id
             union select a.session_on from ref.amendments as a where a.exchange_id = p_exchange_id) as d
      left join ref.sessions as s
        on s.exchange_id = p_exchange_id and s.session_on = d.session_on
      left join lateral (
        select a.reason from ref.amendments as a
         where a.exchange_id = p_exchange_id and a.session_on = d.session_on
         order by a.amendment_seq desc limit 1) as a on true
      left join lateral ref.count_slots(p_exchange_id, d.session_on) as n (slots) on true
     where d.session_on between v_from_on and v_to_on
     order by d.session_on;
end;
$function$;

comment on function ref.list_sessions(text, date, date, timestamptz) is
$$The sessions of an exchange between two days (left out: from today on, for 30 days), their hours in UTC
and on the exchange's clocks, their bars by timeframe, and why one was amended; one that was amended away
has no hours.
Raises: MQN04 an unknown exchange; MQA02 more than 3660 days.$$;

create or replace function ref.get_listing(
    p_symbol text,
    p_on     date
)
returns ref.listings
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.*
      from ref.listings as l
     where l.symbol = p_symbol
       and l.effective_on <= p_on
     order by l.effective_on desc
     limit 1;
$function$;

comment on function ref.get_listing(text, date) is
$$What a name stands for on a day: the last row of it that is in force, or null before its first.$$;

create or replace function ref.list_periods()
returns table (
    symbol          text,
    listed_on       date,
    delisted_on     date,
    is_listed       boolean,
    instrument_kind text,
    name            text,
    formerly        text
)
language sql
stable
begin atomic
    select l.symbol, l.effective_on,
           coalesce(lead(l.effective_on) over (partition by l.symbol order by l.effective_on), 'infinity'),
           l.is_listed, l.instrument_kind, l.name, l.formerly
      from ref.listings as l;
end;

comment on function ref.list_periods() is
$$What every name stood for, by period: listed_on is its first day, delisted_on the first day after it.
Why a parsed body: what a caller asks of one name reaches the index.$$;

create or replace function ref.get_listed_since(
    p_symbol text,
    p_on     date
)
returns date
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select max(p.listed_on)
      from (select p.*, lag(p.is_listed, 1, false) over (order by p.listed_on) as was_listed
              from ref.list_periods() as p
             where p.symbol = p_symbol) as p
     where p.is_listed
       and not p.was_listed
       and p.listed_on <= p_on;
$function$;

comment on function ref.get_listed_since(text, date) is
$$Since when a name has stood, without a pause, for what it stands for on a day; null if it never did.
Why: a window of bars must not reach into another company that had the name.$$;

create or replace function ref.get_class(
    p_symbol text,
    p_scheme text,
    p_on     date
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.code
      from ref.classifications as c
     where c.symbol = p_symbol
       and c.scheme = p_scheme
       and c.effective_on <= p_on
     order by c.effective_on desc
     limit 1;
$function$;

comment on function ref.get_class(text, text, date) is
$$The class of a scheme that an instrument belongs to on a day, or null.$$;

create or replace function ref.list_instruments(
    p_symbol text
)
returns table (
    symbol          text,
    exchange_id     text,
    instrument_kind text,
    name            text,
    listed_on       date,
    delisted_on     date,
    formerly        text,
    became          text,
    classes         jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.symbol, i.exchange_id, p.instrument_kind, p.name, nullif(p.listed_on, '-infinity'),
           nullif(p.delisted_on, 'infinity'), p.formerly, n.symbol, c.classes
      from ref.list_periods() as p
      join ref.instruments as i using (symbol)
      left join ref.listings as n on n.formerly = p.symbol and n.effective_on = p.delisted_on
     cross join lateral (
        select jsonb_object_agg(s.scheme, ref.get_class(p.symbol, s.scheme, p.delisted_on - 1)) as classes
          from (select distinct c.scheme from ref.classifications as c
                 where c.symbol = p.symbol) as s) as c
     where p.is_listed
       and p.symbol = coalesce(p_symbol, p.symbol)
     order by p.symbol collate "C", p.listed_on;
$function$;

comment on function ref.list_instruments(text) is
$$What names stood for (p_symbol null: all), by period, with the name before and after. Null days: since
ever, until further notice. classes: by scheme, at the end of the period.$$;

create or replace function ref.parse_listings(
    p_rows jsonb
)
returns table (
    symbol          text,
    effective_on    date,
    is_listed       boolean,
    instrument_kind text,
    name            text,
    formerly        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, e.effective_on, e.is_listed, e.instrument_kind, e.name, e.formerly
      from jsonb_to_recordset(p_rows) as r (
           symbol text, instrument_kind text, name text, listed_on date, delisted_on date, formerly text)
     cross join lateral (
        values (coalesce(r.listed_on, '-infinity'), true, r.instrument_kind, r.name, r.formerly),
               (r.delisted_on, false, null, null, null))
        as e (effective_on, is_listed, instrument_kind, name, formerly)
     where e.effective_on is not null
       and (e.is_listed or not exists (
        select from jsonb_to_recordset(p_rows) as n (symbol text, listed_on date)
         where n.symbol = r.symbol and n.listed_on = r.delisted_on));
$function$;

comment on function ref.parse_listings(jsonb) is
$$The rows of an instruments file as what became true, and when: a listing on its first day, its end on the
first day after it, unless the name goes on with another row that day.
Raises: 22008 not a date.$$;

create or replace function ref.list_changed_listings(
    p_rows jsonb
)
returns table (
    symbol text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.symbol
      from jsonb_to_recordset(p_rows) as r (symbol text, exchange_id text)
      join ref.instruments as i on i.symbol = r.symbol
     where i.exchange_id <> r.exchange_id
     union
    select n.symbol
      from ref.parse_listings(p_rows) as n
      join lateral (
        select max(l.effective_on) as last_on from ref.listings as l where l.symbol = n.symbol) as s
        on s.last_on >= n.effective_on
     where not exists (
        select from ref.listings as l
         where (l.symbol, l.effective_on, l.is_listed) = (n.symbol, n.effective_on, n.is_listed)
           and (l.instrument_kind, l.name, l.formerly)
               is not distinct from (n.instrument_kind, n.name, n.formerly))
     order by 1;
$function$;

comment on function ref.list_changed_listings(jsonb) is
$$The names of an instruments file of which it says something else than what is stored, or something new
about the time before the last stored fact.$$;

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
    select string_agg(distinct r.symbol, ', ') into v_changed
      from jsonb_to_recordset(p_rows) as r (symbol text, listed_on date, delisted_on date)
      join jsonb_to_recordset(p_rows) as n (symbol text, listed_on date) on n.symbol = r.symbol
     where coalesce(n.listed_on, '-infinity') < r.delisted_on
       and coalesce(n.listed_on, '-infinity') > coalesce(r.listed_on, '-infinity')
        or r.delisted_on <= r.listed_on;
    perform core.assert_that(
        v_changed is null, 'MQA02', format('the periods of a name overlap or are empty: %s', v_changed));
    select string_agg(c.symbol, ', ') into v_changed
      from ref.list_changed_listings(p_rows) as c;
    perform core.assert_that(v_changed is null, 'MQA10', v_changed);

    lock table ref.listings in share row exclusive mode;
    insert into ref.instruments (symbol, exchange_id)
    select distinct r.symbol, r.exchange_id
      from jsonb_to_recordset(p_rows) as r (symbol text, exchange_id text)
     order by r.symbol
    on conflict (symbol) do nothing;
    insert into ref.listings (
        symbol, effective_on, is_listed, instrument_kind, name, formerly, follows_on)
    select n.symbol, n.effective_on, n.is_listed, n.instrument_kind, n.name, n.formerly,
           coalesce(lag(n.effective_on) over (partition by n.symbol order by n.effective_on),
                    (select max(l.effective_on) from ref.listings as l where l.symbol = n.symbol))
      from ref.parse_listings(p_rows) as n
     where not exists (
        select from ref.listings as l
         where l.symbol = n.symbol and l.effective_on = n.effective_on);
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'INSTRUMENTS_LOADED', jsonb_build_object('listings', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_instruments(jsonb, timestamptz) is
$$Stores what a file says of names and is not stored yet; gives how many facts (listed, ended, renamed)
were new.
p_rows: [{symbol, exchange_id, instrument_kind EQUITY|ETF|INDEX, name, listed_on, delisted_on, formerly}].
Why: a fact that has been stored stays, as its end does; what changes is a row with a later day.
Raises: MQA05 not an array; MQA02 periods that overlap; MQA10 a stored fact differs, or a new one is older
than the last; 23503 an unknown exchange, or a former name that does not end on that day.$$;

create or replace function ref.parse_classifications(
    p_rows jsonb
)
returns table (
    symbol       text,
    scheme       text,
    effective_on date,
    code         text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.scheme, coalesce(r.effective_on, '-infinity'), r.code
      from jsonb_to_recordset(p_rows) as r (symbol text, scheme text, effective_on date, code text);
$function$;

comment on function ref.parse_classifications(jsonb) is
$$The rows of a classifications file in types; without a day it was always so.
Raises: 22008 not a date.$$;

create or replace function ref.load_classifications(
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
    lock table ref.classifications in share row exclusive mode;
    select string_agg(format('%s %s %s', n.symbol, n.scheme, n.effective_on), ', ') into v_changed
      from ref.parse_classifications(p_rows) as n
      join lateral (
        select max(c.effective_on) as last_on from ref.classifications as c
         where (c.symbol, c.scheme) = (n.symbol, n.scheme)) as s on s.last_on >= n.effective_on
     where not exists (
        select from ref.classifications as c
         where (c.symbol, c.scheme, c.effective_on) = (n.symbol, n.scheme, n.effective_on)
           and c.code is not distinct from n.code);
    perform core.assert_that(v_changed is null, 'MQA10', left(v_changed, 500));

    insert into ref.classifications (symbol, scheme, effective_on, code, follows_on)
    select n.symbol, n.scheme, n.effective_on, n.code,
           coalesce(lag(n.effective_on) over (partition by n.symbol, n.scheme order by n.effective_on),
                    (select max(c.effective_on) from ref.classifications as c
                      where (c.symbol, c.scheme) = (n.symbol, n.scheme)))
      from ref.parse_classifications(p_rows) as n
     where not exists (
        select from ref.classifications as c
         where (c.symbol, c.scheme, c.effective_on) = (n.symbol, n.scheme, n.effective_on));
    get diagnostics v_loaded = row_count;
    perform audit.append_desk_event(
        'MARKET', 'CLASSIFICATIONS_LOADED', jsonb_build_object('classifications', v_loaded), p_now_at);
    return v_loaded;
end;
$function$;

comment on function ref.load_classifications(jsonb, timestamptz) is
$$Stores the classes of instruments that are not stored yet; gives how many were new.
p_rows: [{symbol, scheme, code, effective_on}]: the class of a scheme from a day on; no code ends it.
Why: what was said of the past stays: a report of last year shows last year's sectors.
Raises: MQA05 not an array; MQA10 a stored class differs, or a new one is older than the last; 23503 an
unknown symbol.$$;

insert into ref.timeframes (timeframe, bar_length)
values ('1m', '1 minute'), ('5m', '5 minutes'), ('15m', '15 minutes'), ('1H', '1 hour'), ('1D', null)
on conflict (timeframe) do nothing;

create or replace trigger _900_refuse_change before update or delete on ref.timeframes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.timeframes
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_follow_amendments before update or delete on ref.sessions
for each row execute function ref.tg_sessions__follow_amendments();
create or replace trigger _100_refuse_truncate before truncate on ref.sessions
for each statement execute function ref.tg_sessions__follow_amendments();
create or replace trigger _900_refuse_change before update or delete on ref.exchanges
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.exchanges
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.amendments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.amendments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.instruments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.instruments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.listings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.listings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.classifications
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.classifications
for each statement execute function core.tg_refuse_change();

commit;

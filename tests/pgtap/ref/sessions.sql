\ir ../_setup.sql
begin;
select plan(26);

-- Before and after the clocks change; the second is a half day.
select jsonb_build_array(
           jsonb_build_object('session_on', '2024-03-08', 'opens_at', '2024-03-08T09:30:00-05:00',
                              'closes_at', '2024-03-08T16:00:00-05:00', 'is_half_day', false),
           jsonb_build_object('session_on', '2024-03-11', 'opens_at', '2024-03-11T09:30:00-04:00',
                              'closes_at', '2024-03-11T13:00:00-04:00', 'is_half_day', true)) as rows
\gset

prepare load (jsonb) as select ref.load_sessions('XTST', 'America/New_York', $1, :'t0');
prepare load_as (text, text, jsonb) as select ref.load_sessions($1, $2, $3, :'t0');
select is(ref.load_sessions('XTST', 'America/New_York', :'rows', :'t0'), 2::bigint,
          'sessions are loaded');
select is(ref.load_sessions('XTST', 'America/New_York', :'rows', :'t0'), 0::bigint,
          'the same sessions again change nothing');
select is((select count(*) from audit.events where event_name = 'CALENDAR_LOADED'), 2::bigint,
          'loading a calendar is in the diary');

select throws_ok(format('execute load (%L)', replace(:'rows', '13:00', '16:00')),
                 'MQA10', null, 'a stored session does not change');
select throws_ok(format('execute load (%L)', :'rows'::jsonb || jsonb_build_object(
                     'session_on', '2024-03-09', 'opens_at', '2024-03-09T09:30:00-05:00',
                     'closes_at', '2024-03-09T16:00:00-05:00', 'is_half_day', false)),
                 'MQA10', null, 'no session is put in between stored ones');
select lives_ok(format('execute load (%L)', (:'rows'::jsonb) - 0), 'a file may know less');
select throws_ok(format('execute load (%L)', jsonb_build_array(:'rows'::jsonb -> 0, jsonb_build_object(
                     'session_on', '2024-03-12', 'opens_at', '2024-03-12T09:30:00-04:00',
                     'closes_at', '2024-03-12T16:00:00-04:00', 'is_half_day', false))),
                 'MQA10', null, 'a file of all these days does not leave a stored one out');
select throws_ok(format('execute load (%L)', '{}'), 'MQA05', null, 'a calendar is an array');
select throws_ok(format('execute load_as (null, %L, %L)', 'UTC', '[]'), 'MQA01', null,
                 'a calendar names its exchange');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTST', 'UTC', :'rows'), 'MQA10', null,
                 'an exchange stays in its zone');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTS2', 'America/New_York',
                        '[{"exchange_id": "XTST", "time_zone": "America/New_York"}]'),
                 'MQA02', null, 'a calendar is of one exchange');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTS2', 'America/New_York',
                        replace(:'rows', '-05:00', '')),
                 '23502', null, 'a session without an offset is refused');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTS2', 'Mars/Olympus', '[]'),
                 '22023', null, 'a zone is one that exists');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTS2', 'XYZ-3', '[]'),
                 '23514', null, 'a zone is a name of the tz database');
select throws_ok(format('execute load_as (%L, %L, %L)', 'XTS2', 'Asia/Tokyo', :'rows'),
                 '23514', null, 'a session opens and closes on its own day, where the exchange is');
select throws_ok(
    $$update ref.sessions set is_half_day = true$$, 'MQI04', null, 'a session is not updated');
select throws_ok($$delete from ref.sessions$$, 'MQI04', null, 'a session does not go by itself');
select throws_ok($$truncate ref.sessions$$, 'MQI04', null, 'sessions do not go all at once');

select is((select s.session_on
             from ref.get_closed_slot('XTST', '1D', '2024-03-08 20:59:59.999999+00') as s),
          null,
          'before the first close no session has closed');
select is((select s.session_on
             from ref.get_closed_slot('XTST', '1D', '2024-03-08 21:00:00+00') as s),
          '2024-03-08'::date,
          'a session has closed at its close');
select is((ref.get_next_session('XTST', '2024-03-08 21:00:00+00')).session_on, '2024-03-11'::date,
          'an order given at the close can trade in the next session only');
select is((select s.session_on
             from ref.get_closed_slot('XTST', '1D', '2024-03-11 17:00:00+00') as s),
          '2024-03-11'::date,
          'a half day closes early, in the new summer time');
select is((ref.get_next_session('XTST', '2024-03-11 17:00:00+00')).session_on, null,
          'after the last session there is none');

-- Open: the first moment is in, the last is out. A day: the close is its last moment.
select is(array_agg(ref.is_open('XTST', t) order by t), array[null, true, true, false, false, true, null],
          'an exchange is open from its first moment up to its last, which is out; unknown is not closed')
  from unnest(array['2024-03-08 14:29:59.999999+00', '2024-03-08 14:30:00+00',
                    '2024-03-08 20:59:59.999999+00', '2024-03-08 21:00:00+00',
                    '2024-03-11 13:29:59.999999+00', '2024-03-11 13:30:00+00',
                    '2024-03-11 17:00:00+00']::timestamptz[]) as t;
select is(array_agg((ref.get_session_of('XTST', t)).session_on order by t),
          array['2024-03-08', '2024-03-08', '2024-03-11', '2024-03-11', null]::date[],
          'a fill of the close is of the session that it closes, a later one of the next')
  from unnest(array['2024-03-08 01:00:00+00', '2024-03-08 21:00:00+00', '2024-03-08 21:00:00.000001+00',
                    '2024-03-11 17:00:00+00', '2024-03-11 17:00:00.000001+00']::timestamptz[]) as t;
select is(array[ref.count_sessions('XTST', '2024-03-08 21:00:00+00', '2024-03-11 17:00:00+00'),
                ref.count_sessions('XTST', '2024-03-08 20:59:59+00', '2024-03-11 16:59:59+00'),
                ref.count_sessions('XTST', '2024-03-08 20:59:59+00', '2024-03-11 17:00:00+00')],
          array[1, 1, 2]::bigint[],
          'sessions are counted by their closes, the first moment out, the last in');

select * from finish();
rollback;

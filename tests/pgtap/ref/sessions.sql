\ir ../_setup.sql
begin;
select plan(11);

-- Before and after the clocks change; the second is a half day.
select jsonb_build_array(
           jsonb_build_object('session_on', '2024-03-08', 'opens_at', '2024-03-08T09:30:00-05:00',
                              'closes_at', '2024-03-08T16:00:00-05:00', 'is_half_day', false),
           jsonb_build_object('session_on', '2024-03-11', 'opens_at', '2024-03-11T09:30:00-04:00',
                              'closes_at', '2024-03-11T13:00:00-04:00', 'is_half_day', true)) as rows
\gset

select is(ref.load_sessions('XTST', 'America/New_York', :'rows', :'t0'), 2::bigint,
          'sessions are loaded');
select is(ref.load_sessions('XTST', 'America/New_York', :'rows', :'t0'), 0::bigint,
          'the same sessions again change nothing');
select is((select count(*) from audit.events where event_name = 'CALENDAR_LOADED'), 2::bigint,
          'loading a calendar is in the diary');

select throws_ok(
    format('select ref.load_sessions(%L, %L, %L, %L)', 'XTST', 'America/New_York',
           replace(:'rows', '13:00', '16:00'), :'t0'),
    'MQA10', null, 'a stored session does not change');
select throws_ok(
    format('select ref.load_sessions(%L, %L, %L, %L)', 'XTST', 'America/New_York', '{}', :'t0'),
    'MQA05', null, 'a calendar is an array');
select throws_ok(
    format('select ref.load_sessions(%L, %L, %L, %L)', 'XTS2', 'America/New_York',
           replace(:'rows', '-05:00', ''), :'t0'),
    '23502', null, 'a session without an offset is refused');

select is((ref.get_closed_session('XTST', '2024-03-08 20:59:59.999999+00')).session_on, null,
          'before the first close no session has closed');
select is((ref.get_closed_session('XTST', '2024-03-08 21:00:00+00')).session_on, '2024-03-08'::date,
          'a session has closed at its close');
select is((ref.get_next_session('XTST', '2024-03-08 21:00:00+00')).session_on, '2024-03-11'::date,
          'an order given at the close can trade in the next session only');
select is((ref.get_closed_session('XTST', '2024-03-11 17:00:00+00')).session_on, '2024-03-11'::date,
          'a half day closes early, in the new summer time');
select is((ref.get_next_session('XTST', '2024-03-11 17:00:00+00')).session_on, null,
          'after the last session there is none');

select * from finish();
rollback;

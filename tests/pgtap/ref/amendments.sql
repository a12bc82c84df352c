\ir ../_setup.sql
begin;
select plan(28);

select ref.load_sessions('XTST', 'America/New_York', jsonb_agg(jsonb_build_object(
           'session_on', d::date, 'is_half_day', false,
           'opens_at', core.format_iso((d::date + time '09:30') at time zone 'America/New_York'),
           'closes_at', core.format_iso((d::date + time '16:00') at time zone 'America/New_York'))), :'t0')
  from unnest(array['2025-01-07', '2025-01-08', '2025-01-09', '2025-01-10', '2025-03-10']::date[]) as d;

prepare amend (date, text, text, text, timestamptz) as
select (ref.amend_session('XTST', $1, $2, $3, $4, $5)).amendment_seq;
create temp view hours as
select to_char(s.opens_at at time zone s.time_zone, 'HH24:MI') as opens,
       to_char(s.closes_at at time zone s.time_zone, 'HH24:MI') as closes, s.is_half_day, s.session_on
  from ref.sessions as s
 where s.exchange_id = 'XTST';

-- The exchange mourns: announced on the evening before.
select results_eq($$execute amend ('2025-01-09', null, null, 'day of mourning', '2025-01-08 22:00+00')$$,
                  array[1::bigint], 'a session to come can be closed');
select is_empty($$select from hours where session_on = '2025-01-09'$$, 'a closed session is none');
select is((ref.get_next_session('XTST', '2025-01-08 21:00+00')).session_on, '2025-01-10'::date,
          'an order of the evening trades after the closure');
select results_eq($$execute amend ('2025-01-09', null, null, 'again', '2025-01-08 22:00+00')$$,
                  array[null::bigint], 'the same amendment again changes nothing');
select is((select payload ->> 'reason' from audit.events where event_name = 'SESSION_AMENDED'),
          'day of mourning', 'an amendment is in the diary once, with its reason');
select is(ref.load_sessions('XTST', 'America/New_York', jsonb_build_array(jsonb_build_object(
              'session_on', '2025-01-09', 'opens_at', '2025-01-09T14:30:00Z',
              'closes_at', '2025-01-09T21:00:00Z', 'is_half_day', false)), :'t0'), 0::bigint,
          'the file that does not know of it changes nothing');
select is_empty($$select from hours where session_on = '2025-01-09'$$, 'and brings no session back');

select results_eq($$execute amend ('2025-01-09', '09:30', '16:00', 'not yet', '2025-01-09 14:29:59+00')$$,
                  array[2::bigint], 'a closure can be taken back before the open');
select results_eq($$execute amend ('2025-01-10', '09:30', '13:00', 'storm', '2025-01-10 14:30+00')$$,
                  array[1::bigint], 'a session that has opened can be shortened');
select results_eq($$select opens, closes, is_half_day from hours where session_on = '2025-01-10'$$,
                  $$values ('09:30', '13:00', true)$$, 'a shortened session is a half day');
select results_eq($$execute amend ('2025-03-10', '11:00', '16:00', 'late open', '2025-03-10 13:29:59+00')$$,
                  array[1::bigint], 'a session that has not opened can open later');
select results_eq(
    $$select opens_at from ref.sessions where exchange_id = 'XTST' and session_on = '2025-03-10'$$,
    array['2025-03-10 15:00+00'::timestamptz], 'its hours are those of the exchange, in summer time');
select results_eq($$execute amend ('2025-01-11', '09:30', '13:00', 'Saturday', '2025-01-10 22:00+00')$$,
                  array[1::bigint], 'an extraordinary session can be put in');

-- Both sides of the open and of the close.
select throws_ok($$execute amend ('2025-01-08', null, null, 'late', '2025-01-08 14:30+00')$$,
                 'MQS20', null, 'a session that has opened is not closed for the day');
select lives_ok($$execute amend ('2025-01-08', null, null, 'in time', '2025-01-08 14:29:59.999999+00')$$,
                'one that opens in a moment is');
select throws_ok($$execute amend ('2025-01-07', '09:30', '13:00', 'late', '2025-01-07 18:00+00')$$,
                 'MQS20', null, 'a session is not shortened to a moment that has been');
select lives_ok($$execute amend ('2025-01-07', '09:30', '13:00', 'x', '2025-01-07 17:59:59.999999+00')$$,
                'one moment earlier it is');
select throws_ok($$execute amend ('2025-01-07', '09:30', '16:00', 'late', '2025-01-07 18:00+00')$$,
                 'MQS20', null, 'a session that has closed is not made longer');

select throws_ok($$execute amend ('2025-03-10', null, null, '', '2025-01-01 00:00+00')$$,
                 'MQA12', null, 'a reason is given');
select throws_ok($$execute amend ('2025-03-10', '09:30', null, 'x', '2025-01-01 00:00+00')$$,
                 'MQA02', null, 'half of the hours are no hours');
select throws_ok($$execute amend ('2025-03-10', '9:30', '16:00', 'x', '2025-01-01 00:00+00')$$,
                 'MQA02', null, 'hours are HH:MM');
select throws_ok($$execute amend (null, '09:30', '16:00', 'x', '2025-01-01 00:00+00')$$,
                 'MQA01', null, 'a day is given');
select throws_ok($$execute amend ('2025-03-10', '16:00', '09:30', 'x', '2025-01-01 00:00+00')$$,
                 '23514', null, 'a session opens before it closes');
select throws_ok($$select ref.amend_session('XXXX', '2025-03-10', null, null, 'x', '2025-01-01 00:00+00')$$,
                 'MQN04', null, 'the exchange is known');

-- What would catch a function that did not look.
prepare forge (timestamptz, timestamptz, timestamptz, timestamptz, timestamptz) as
insert into ref.amendments values ('XTST', '2025-06-02', 1, $1, $2, $3, $4, 'forged', 'test', $5);
select throws_ok($$execute forge ('2025-06-02 13:30Z', '2025-06-02 20:00Z', null, null,
                                  '2025-06-02 13:30Z')$$,
                 '23514', null, 'no amendment of what has opened can be written');
select throws_ok($$execute forge ('2025-06-02 13:30Z', '2025-06-02 20:00Z', '2025-06-02 13:30Z',
                                  '2025-06-02 21:00Z', '2025-06-02 20:00Z')$$,
                 '23514', null, 'nor of what has closed');
select throws_ok($$execute forge ('2025-06-02 13:30Z', '2025-06-02 20:00Z', '2025-06-02 13:30Z',
                                  '2025-06-02 20:00Z', '2025-06-01 20:00Z')$$,
                 '23514', null, 'nor one that changes nothing');
select lives_ok($$execute forge ('2025-06-02 13:30Z', '2025-06-02 20:00Z', '2025-06-02 13:30Z',
                                 '2025-06-02 19:00Z', '2025-06-02 18:59:59Z')$$,
                'one in time can be');

select * from finish();
rollback;

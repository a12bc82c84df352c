\ir ../_setup.sql
begin;
select plan(7);

set local timezone = 'America/New_York';

select is(core.parse_time('2024-03-10T06:59:59Z'), '2024-03-10 06:59:59+00'::timestamptz,
          'a time is read by its offset, not by the session''s zone');

select is(core.parse_time('2024-03-10T08:59:59.123456+0200'), '2024-03-10 06:59:59.123456+00'::timestamptz,
          'an offset needs no colon');

select is_empty($$
    select t.text
      from unnest(array['2024-03-10T06:59:59', '2024-03-10', 'now', 'infinity', '', 'yesterday Z',
                        '2024-03-10T06:59Z', '1710053999', null]) as t (text)
     where core.parse_time(t.text) is not null $$,
    'a time without an offset, and every other shape, is nothing at all');

select is(core.parse_date('2024-02-29'), date '2024-02-29', 'a date is read by the calendar');

select is_empty($$
    select t.text
      from unnest(array['2023-02-29', '2024-04-31', '2024-13-01', '2024-00-10', '2024-01-00', '0000-01-01',
                        '24-01-01', '2024-1-1', '01.02.2024', ' 2024-01-01', 'today', '', null]) as t (text)
     where core.parse_date(t.text) is not null $$,
    'a day that does not exist, and every other shape, is no date');

select is(core.format_iso('2024-03-10 01:59:59-05'), '2024-03-10T06:59:59Z',
          'an instant is written in UTC, whatever the session''s zone');

select throws_ok(
    format('select core.assert_clock_is_near(%L)', clock_timestamp() - interval '3 seconds'),
    'MQA03', null, 'a clock that is more than two seconds off is refused');

select * from finish();
rollback;

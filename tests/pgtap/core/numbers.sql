\ir ../_setup.sql
begin;
select plan(8);

select results_eq($$
    select t.text, core.parse_micros(t.text)
      from unnest(array['0', '-0', '1', '-1.5', '0.000001', '9223372036854.775807',
                        '1.000000000000000000']) with ordinality as t (text, position)
     order by t.position $$,
    $$ values ('0', 0::bigint), ('-0', 0), ('1', 1000000), ('-1.5', -1500000), ('0.000001', 1),
              ('9223372036854.775807', 9223372036854775807), ('1.000000000000000000', 1000000) $$,
    'plain decimals are read to the micro, trailing zeros and all');

select is_empty($$
    select t.text, core.parse_micros(t.text)
      from unnest(array['0.0000001', '1.0000005', '', ' 1', '1 ', '1e3', 'NaN', 'Infinity', '+1', '.5',
                        '1.', '1,000', '0x10', '12345678901234', '--1', '1' || chr(10),
                        chr(1633), null]) as t (text)
     where core.parse_micros(t.text) is not null $$,
    'what would be rounded, or is no plain decimal, is nothing at all');

select throws_ok(
    $$ select core.parse_micros('9223372036854.775808') $$, '22003', null,
    'a micro more than a bigint holds is refused, not wrapped');

select results_eq($$
    select t.text, core.parse_shares(t.text)
      from unnest(array['0', '-7', '100.000', '999999999999999', '0.5', '1.0000000001', '1e2', '',
                        '1234567890123456']) with ordinality as t (text, position)
     order by t.position $$,
    $$ values ('0', 0::bigint), ('-7', -7), ('100.000', 100), ('999999999999999', 999999999999999),
              ('0.5', null), ('1.0000000001', null), ('1e2', null), ('', null),
              ('1234567890123456', null) $$,
    'shares are whole or nothing');

select results_eq($$
    select core.format_micros(t.micros)
      from unnest(array[0, 1, -1, 999999, -1000000, 1234567890123,
                        9223372036854775807, -9223372036854775808]) with ordinality
           as t (micros, position)
     order by t.position $$,
    array['0.000000', '0.000001', '-0.000001', '0.999999', '-1.000000', '1234567.890123',
          '9223372036854.775807', '-9223372036854.775808'],
    'micros are written with six places, to both ends of their range');

select is_empty($$
    select t.micros
      from unnest(array[0, 1, -1, 123456789, -9223372036854775807, 9223372036854775807])
           as t (micros)
     where core.parse_micros(core.format_micros(t.micros)) <> t.micros $$,
    'what is written is read back the same');

select results_eq($$
    select core.scale_up(t.micros, t.bps)
      from (values (0, 5), (1, 1), (10000, 1), (10001, 1), (1000000, 0), (1000000, 10000))
           as t (micros, bps) $$,
    array[0, 1, 1, 2, 0, 1000000]::bigint[],
    'a cost is rounded up by less than a micro, and nothing costs nothing');

select throws_ok(
    $$ select core.scale_up(9223372036854775807, 2) $$, '22003', null,
    'a cost that overflows is refused');

select * from finish();
rollback;

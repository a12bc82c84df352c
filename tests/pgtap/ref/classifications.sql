\ir ../_setup.sql
begin;
select plan(13);

insert into ref.exchanges values ('XTST', 'UTC');
insert into ref.instruments values ('GOOG', 'XTST'), ('AAPL', 'XTST');

create function pg_temp.class(text, text, date) returns jsonb language sql as $$
    select jsonb_build_object('symbol', $1, 'scheme', 'SECTOR', 'code', $2, 'effective_on', $3) $$;
prepare load (jsonb) as select ref.load_classifications(jsonb_build_array($1), :'t0');

-- Alphabet went from technology to communication services on 2018-09-24.
select is(ref.load_classifications(jsonb_build_array(
              pg_temp.class('GOOG', 'Technology', null),
              pg_temp.class('GOOG', 'Communication', '2018-09-24')), :'t0'), 2::bigint,
          'classes are loaded');
select is(ref.load_classifications(jsonb_build_array(
              pg_temp.class('GOOG', 'Communication', '2018-09-24')), :'t0'), 0::bigint,
          'the same again changes nothing');
select results_eq($$select ref.get_class('GOOG', 'SECTOR', '2018-09-23'),
                           ref.get_class('GOOG', 'SECTOR', '2018-09-24'),
                           ref.get_class('GOOG', 'COUNTRY', '2018-09-24'),
                           ref.get_class('AAPL', 'SECTOR', '2018-09-24')$$,
                  $$values ('Technology', 'Communication', null, null)$$,
                  'a class holds from its day on, until the next; unknown is null');
select lives_ok(format('execute load (%L)', pg_temp.class('GOOG', null, '2024-01-02')), 'a class can end');
select is(ref.get_class('GOOG', 'SECTOR', '2024-01-02'), null, 'and then there is none');
select throws_ok(format('execute load (%L)', pg_temp.class('GOOG', 'Energy', '2018-09-24')), 'MQA10', null,
                 'a stored class does not change');
select throws_ok(format('execute load (%L)', pg_temp.class('GOOG', 'Energy', '2020-01-02')), 'MQA10', null,
                 'the past is not classified anew');
select throws_ok(format('execute load (%L)', pg_temp.class('ZZZ', 'Energy', '2020-01-02')), '23503', null,
                 'a symbol is known');
select throws_ok($$select ref.load_classifications('{}', '2024-01-02 00:00Z')$$, 'MQA05', null,
                 'classes are an array');

prepare forge (date, date) as insert into ref.classifications values ('GOOG', 'SECTOR', $1, 'Forged', $2);
select throws_ok($$execute forge ('2019-01-02', '2018-09-24')$$, '23505', null,
                 'periods cannot overlap: a row is followed once');
select throws_ok($$execute forge ('2023-01-03', '2024-01-02')$$, '23514', null,
                 'a row follows an earlier one');
select throws_ok($$update ref.classifications set code = 'x'$$, 'MQI04', null, 'a class is not changed');
select throws_ok($$truncate ref.classifications$$, 'MQI04', null, 'classes do not go');

select * from finish();
rollback;

\ir ../_setup.sql
begin;
select plan(30);

insert into ref.exchanges values ('XTST', 'America/New_York'), ('XTS2', 'Europe/London');

-- META was an ETF before Facebook took the name; FB ended on the day on which META went on.
create function pg_temp.listing(text, text, text, date, date, text default null) returns jsonb
language sql as $$
    select jsonb_build_object('symbol', $1, 'exchange_id', 'XTST', 'instrument_kind', $2, 'name', $3,
                              'listed_on', $4, 'delisted_on', $5, 'formerly', $6) $$;
prepare load (jsonb) as select ref.load_instruments(jsonb_build_array($1), :'t0');
prepare stands (text) as
select d::date, (ref.get_listing($1, d::date)).name
  from unnest(array['2021-06-29', '2021-06-30', '2022-01-30', '2022-01-31', '2022-06-08',
                    '2022-06-09']::date[]) as d;

select is(ref.load_instruments(jsonb_build_array(
              pg_temp.listing('META', 'ETF', 'Roundhill Ball Metaverse', '2021-06-30', '2022-01-31'),
              pg_temp.listing('META', 'EQUITY', 'Meta Platforms', '2022-06-09', null, 'FB'),
              pg_temp.listing('FB', 'EQUITY', 'Meta Platforms', '2012-05-18', '2022-06-09')), :'t0'),
          5::bigint, 'a name can stand for one thing, for nothing and for another');
select results_eq($$execute stands ('META')$$, $$values
    ('2021-06-29'::date, null), ('2021-06-30', 'Roundhill Ball Metaverse'),
    ('2022-01-30', 'Roundhill Ball Metaverse'), ('2022-01-31', null), ('2022-06-08', null),
    ('2022-06-09', 'Meta Platforms')$$, 'a name stands for what it stood for on that day');
select results_eq(
    $$select symbol, listed_on, delisted_on, formerly, became from ref.list_instruments(null)$$, $$values
    ('FB', '2012-05-18'::date, '2022-06-09'::date, null, 'META'),
    ('META', '2021-06-30', '2022-01-31', null, null),
    ('META', '2022-06-09', null, 'FB', null)$$, 'a change of names can be followed both ways');
select is((select array_agg(symbol) from ref.list_instruments('FB')), array['FB'],
          'one name can be asked for');

select is(ref.load_instruments(jsonb_build_array(
              pg_temp.listing('FB', 'EQUITY', 'Meta Platforms', '2012-05-18', '2022-06-09')), :'t0'),
          0::bigint,
          'the same again changes nothing');
select lives_ok(format('execute load (%L)', pg_temp.listing('OLD', 'EQUITY', 'Old', null, null)),
                'what has been listed since ever has no first day');
select is((ref.get_listing('OLD', '1900-01-01')).name, 'Old', 'and is listed on every day');
select lives_ok(format('execute load (%L)', pg_temp.listing('OLD', 'EQUITY', 'Old', null, '2024-06-03')),
                'an end is a new fact');
select results_eq($$select (ref.get_listing('OLD', '2024-06-02')).is_listed,
                           (ref.get_listing('OLD', '2024-06-03')).is_listed$$,
                  $$values (true, false)$$, 'it holds from its day on');
select lives_ok(format('execute load (%L)',
                       pg_temp.listing('OLD', 'EQUITY', 'New owner', '2025-01-02', null)),
                'another company can take the name later');
select lives_ok(format('execute load (%L)',
                       pg_temp.listing('OLD', 'EQUITY', 'Newer name', '2025-06-02', null)),
                'what is listed can be called otherwise from a day on');

select throws_ok(format('execute load (%L)', pg_temp.listing('FB', 'EQUITY', 'Face', '2012-05-18', null)),
                 'MQA10', null, 'a stored fact does not change');
select throws_ok(format('execute load (%L)', pg_temp.listing('FB', 'EQUITY', 'Meta Platforms', '2012-05-18',
                                                             '2020-01-02')),
                 'MQA10', null, 'no fact is put in before the last one');
select throws_ok(format('execute load (%L)', pg_temp.listing('FB', 'EQUITY', 'Meta Platforms', '2012-05-18',
                                                             '2022-06-09')
                                             || '{"exchange_id": "XTS2"}'),
                 'MQA10', null, 'a name stays at its exchange');
select throws_ok(format('execute load (%L)',
                        pg_temp.listing('AAA', 'EQUITY', 'A', '2024-01-02', '2024-01-02')),
                 'MQA02', null, 'a period has a day');
select throws_ok(format('select ref.load_instruments(%L, %L)', jsonb_build_array(
                     pg_temp.listing('AAA', 'EQUITY', 'A', '2020-01-02', '2024-01-02'),
                     pg_temp.listing('AAA', 'EQUITY', 'B', '2023-01-02', null)), :'t0'),
                 'MQA02', null, 'periods of a name do not overlap');
select lives_ok(format('select ref.load_instruments(%L, %L)', jsonb_build_array(
                    pg_temp.listing('AAA', 'EQUITY', 'A', '2020-01-02', '2024-01-02'),
                    pg_temp.listing('AAA', 'EQUITY', 'B', '2024-01-02', null)), :'t0'),
                'one may begin where the other ends');
select throws_ok(format('execute load (%L)',
                        pg_temp.listing('BBB', 'EQUITY', 'B', '2024-01-02', null, 'AAA')),
                 '23503', null, 'an old name ends on the day on which the new one goes on');
select throws_ok(format('execute load (%L)',
                        pg_temp.listing('BBB', 'EQUITY', 'B', '2022-06-09', null, 'FB')),
                 '23505', null, 'an old name goes on under one new name');
select throws_ok(format('execute load (%L)', '{}'), '23502', null, 'a name is given');
select throws_ok($$select ref.load_instruments('{}', '2024-01-02 00:00Z')$$, 'MQA05', null,
                 'instruments are an array');

-- What would catch a function that did not look.
prepare forge (text, date, boolean, text, date, text) as
insert into ref.listings (symbol, effective_on, is_listed, instrument_kind, follows_on, formerly, name)
values ($1, $2, $3, $4, $5, $6, case when $3 then 'N' end);
select throws_ok($$execute forge ('FB', '2020-01-02', true, 'EQUITY', '2012-05-18', null)$$, '23505', null,
                 'nothing is put in between two facts');
select throws_ok($$execute forge ('FB', '2010-01-04', true, 'EQUITY', null, null)$$, '23505', null,
                 'nothing is put in before the first fact');
select throws_ok($$execute forge ('FB', '2022-06-08', true, 'EQUITY', '2022-06-09', null)$$, '23514', null,
                 'a fact follows an earlier one');
select throws_ok($$execute forge ('FB', '2023-01-03', false, 'EQUITY', '2022-06-09', null)$$, '23514', null,
                 'what is not listed is nothing');
insert into ref.instruments values ('CCC', 'XTST');
select throws_ok($$execute forge ('CCC', '2023-01-03', false, null, null, null)$$, '23514', null,
                 'a name begins by being listed');
select throws_ok($$execute forge ('CCC', '2023-01-03', true, 'FUND', null, null)$$, '23514', null,
                 'a kind is known');
select throws_ok($$execute forge ('CCC', '2012-05-18', true, 'EQUITY', null, 'FB')$$, '23503', null,
                 'a name does not go on from one that is listed');
select throws_ok($$update ref.listings set name = 'x'$$, 'MQI04', null, 'a fact is not changed');
select throws_ok($$delete from ref.listings$$, 'MQI04', null, 'a fact does not go');

select * from finish();
rollback;

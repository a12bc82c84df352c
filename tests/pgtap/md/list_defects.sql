\ir ../_setup.sql
begin;
select plan(14);

-- A run without books: two symbols, one-minute bars, a window of three slots, five seconds of patience.
set local session_replication_role = replica;
insert into ref.exchanges (exchange_id, time_zone) values ('XTST', 'UTC');
insert into ref.sessions (exchange_id, time_zone, session_on, opens_at, closes_at, is_half_day)
values ('XTST', 'UTC', '2024-01-02', '2024-01-02 15:00:00+00', '2024-01-02 15:10:00+00', false),
       ('XTST', 'UTC', '2024-01-03', '2024-01-03 15:00:00+00', '2024-01-03 15:10:00+00', false);
insert into ref.instruments (symbol, exchange_id) values ('AAA', 'XTST'), ('BBB', 'XTST');
insert into ref.listings (symbol, effective_on, is_listed, instrument_kind, name)
values ('AAA', '2020-01-01', true, 'EQUITY', 'A'), ('BBB', '2020-01-01', true, 'EQUITY', 'B');
insert into run.runs (run_id, engine_id, run_seq, mode, clock_kind, config_hash, account_id, as_of_at,
                      initial_cash_micros, deadman_ttl_ms, gate_ttl_ms, needs_deadman_file, run_status,
                      status_seq, armed_epoch, created_by, created_at)
values (:'run', 'TEST', 1, 'PAPER', 'VIRTUAL', repeat('0', 64), 'PAPER-1', :'t0', 1, 1000, 1000, false,
        'CREATED', 1, 1, 't', :'t0');
insert into run.universe (run_id, symbol) values (:'run', 'AAA'), (:'run', 'BBB');
insert into md.policies
values (:'run', '1m', 'one', 'two', 5000, 3, 0, 100, 2000, 'DISARM', 'HALT_NEW', 'HALT_NEW', 'HALT_NEW');

create function pg_temp.store(p_symbol text, p_minute integer, p_close bigint, p_feed text default 'one')
returns void
language sql
as $$
    insert into md.ingests (ingest_id, feed, is_second, normaliser, rows_sha256, timeframe, policy,
                            rows_read, rows_stored, rows_known, rows_skipped, rows_rejected, skipped,
                            ingested_by, ingested_at)
    values (core.derive_id('ingest', array[p_symbol, p_minute::text, p_feed, p_close::text]), p_feed,
            p_feed = 'two', 'test.v1', repeat('0', 64), '1m', 'REFUSE', 1, 1, 0, 0, 0, '{}', 't',
            timestamptz '2024-01-02 15:00:01+00' + p_minute * interval '1 minute');
    insert into md.observations
    select p_feed, p_symbol, '1m', timestamptz '2024-01-02 15:00+00' + p_minute * interval '1 minute',
           '2024-01-02', p_close, p_close, p_close, p_close, 1,
           core.derive_id('ingest', array[p_symbol, p_minute::text, p_feed, p_close::text])
     where p_feed = 'two';
    insert into md.bars
    select p_symbol, '1m', timestamptz '2024-01-02 15:00+00' + p_minute * interval '1 minute',
           '2024-01-02', p_close, p_close, p_close, p_close, 1,
           core.derive_id('ingest', array[p_symbol, p_minute::text, p_feed, p_close::text])
     where p_feed = 'one';
    insert into md.feed_marks as m
    values (p_feed, p_symbol, '1m', timestamptz '2024-01-02 15:00+00' + p_minute * interval '1 minute',
            timestamptz '2024-01-02 15:00:01+00' + p_minute * interval '1 minute')
    on conflict (feed, symbol, timeframe) do update
       set last_bar_end_at = greatest(m.last_bar_end_at, excluded.last_bar_end_at),
           heard_at = greatest(m.heard_at, excluded.heard_at);
$$;

create function pg_temp.found(p_at time, p_is_brake boolean default true)
returns text
language sql
as $$
    select coalesce(string_agg(distinct d.defect || coalesce(' ' || d.symbol, ''), ', '
                               order by d.defect || coalesce(' ' || d.symbol, '')), 'none')
      from md.list_defects('00000000-0000-8000-a000-000000000001',
                           (date '2024-01-02' + p_at) at time zone 'UTC') as d
     where d.is_brake = p_is_brake;
$$;

select pg_temp.store(s, m, 100000000, f)
  from unnest(array['AAA', 'BBB']) as s, generate_series(1, 3) as m, unnest(array['one', 'two']) as f;

select is(pg_temp.found('15:03:05'), 'none', 'what is whole and agrees has no defect');

-- T32: a feed that is silent.
select is(pg_temp.found('15:04:04.999999'), 'none', 'a feed is silent at its threshold and not before');
select is(pg_temp.found('15:04:05'), 'GAP AAA, GAP BBB, STALE AAA, STALE BBB',
          'T32: when the slot that is due is later than what each feed gave, they are silent');
select pg_temp.store('AAA', 4, 100000000), pg_temp.store('BBB', 4, 100000000);
select results_eq(
    $$ select d.symbol || ' ' || substr(d.detail, position('feed' in d.detail), 8)
         from md.list_defects('00000000-0000-8000-a000-000000000001', '2024-01-02 15:04:05+00') as d $$,
    array['AAA feed two', 'BBB feed two'], 'one of two feeds that falls silent is told by its name');
select pg_temp.store('AAA', 4, 100000000, 'two'), pg_temp.store('BBB', 4, 100000000, 'two');
select is(pg_temp.found('15:04:05'), 'none', 'and speaks again');

-- T33: a gap, here of the one bar at 15:05; fact 97: bars at 1000 and 1120 of 60 s, tolerance 0.
select pg_temp.store(s, m, 100000000, f)
  from unnest(array['AAA', 'BBB']) as s, generate_series(6, 7) as m, unnest(array['one', 'two']) as f;
select is(pg_temp.found('15:07:05'), 'GAP AAA, GAP BBB',
          'T33: one missing bar between two is a gap at tolerance 0');
update md.policies set gap_tolerance_bars = 1;
select is(pg_temp.found('15:07:05'), 'none', 'and none at tolerance 1');
update md.policies set gap_tolerance_bars = 0;
select pg_temp.store(s, 5, 100000000, f)
  from unnest(array['AAA', 'BBB']) as s, unnest(array['one', 'two']) as f;

-- T34: the same bar from two feeds.
select pg_temp.store('AAA', 8, 100000000), pg_temp.store('BBB', 8, 100000000),
       pg_temp.store('AAA', 8, 101000000, 'two'), pg_temp.store('BBB', 8, 101000001, 'two');
select is(pg_temp.found('15:08:05'), 'DISAGREEMENT BBB',
          'T34: feeds may be apart by the tolerance, and not by a micro more');
update md.policies set disagreement_policy = 'IGNORE';
select is(pg_temp.found('15:08:05') || '; ' || pg_temp.found('15:08:05', false),
          'none; DISAGREEMENT BBB', 'what a policy ignores is told and brakes nothing');
insert into md.rulings values ('BBB', '1m', '2024-01-02 15:08+00', 'DISAGREEMENT',
                               '2024-01-02 15:08:01+00', 'p', 'r');
select is(pg_temp.found('15:08:05', false), 'none', 'what a person settled is a defect no more');

-- T35: a bar that is still forming when it is due.
insert into md.formings values ('one', 'AAA', '1m', '2024-01-02 15:09+00', '2024-01-02 15:09:01+00');
select pg_temp.store('BBB', 9, 100000000), pg_temp.store('BBB', 9, 100000000, 'two'),
       pg_temp.store('AAA', 9, 100000000, 'two');
select is(pg_temp.found('15:09:04'), 'none', 'T35: a bar may be forming until it is due');
select is(pg_temp.found('15:09:05'), 'GAP AAA, INCOMPLETE AAA, STALE AAA', 'and then not any more');

-- A jump, and the end of the calendar.
select pg_temp.store('AAA', 9, 120000001);
select is(pg_temp.found('15:09:05'), 'OUTLIER AAA',
          'a close further than the bound from the one before is an outlier');
delete from ref.sessions where session_on = '2024-01-03';
select is(pg_temp.found('15:10:00') like '%CALENDAR_ENDED%', true,
          'a calendar has ended with its last session');

select * from finish();
rollback;

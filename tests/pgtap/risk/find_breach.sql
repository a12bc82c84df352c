\ir ../_setup.sql
begin;
select plan(8);

select results_eq($$
    select risk.is_breached(t.equity, 1000, 100)
      from (values (1, 901), (2, 900), (3, 899), (4, null)) as t (n, equity)
     order by t.n $$,
    array[false, true, true, true],
    'a limit is broken when it is touched, and when nobody knows');

select ok(risk.is_breached(1000, 1000, null), 'a limit that is missing is broken');
select ok(risk.is_breached(1000, null, 100), 'a fall from nowhere is a breach');

create function pg_temp.find(
    p_equity bigint, p_day bigint, p_peak bigint, p_gross bigint default 0
)
returns text
language sql
return risk.find_breach(
    row('00000000-0000-8000-a000-000000000001', '2024-01-02', p_day, p_peak, p_equity, p_gross, 0, 0,
        '2024-01-02 15:00:00+00')::risk.states, '2024-01-02 15:00:00+00');

select is(pg_temp.find(1000, 1000, 1000), 'DAILY_LOSS_LIMIT',
          'a run without limits breaks the first of them');

-- This run has no row but its limits; its foreign key waits outside.
set local session_replication_role = replica;
insert into risk.limits
select (jsonb_populate_record(null::risk.limits, l.row || jsonb_build_object(
           'run_id', :'run', 'daily_loss_limit_micros', 100, 'max_drawdown_micros', 300,
           'halt_leverage_bps', 15000, 'reject_storm_max_rejects', 2, 'reject_storm_window_ms', 60000,
           'allow_short', false, 'flatten_on_critical', true, 'allowed_session', 'ANY',
           'pdt_mode', 'OFF'))).*
  from (select jsonb_object_agg(a.attname, 1) as row from pg_attribute as a
         where a.attrelid = 'risk.limits'::regclass and a.attnum > 0) as l;

select results_eq($$
    select pg_temp.find(t.equity, t.day, t.peak)
      from (values (1, 901, 1000, 1200), (2, 900, 1000, 1000), (3, 901, 1000, 1201), (4, 0, 50, 50),
                   (5, null, 1000, 1000)) as t (n, equity, day, peak)
     order by t.n $$,
    array[null, 'DAILY_LOSS_LIMIT', 'MAX_DRAWDOWN', 'EQUITY_EXHAUSTED', 'DAILY_LOSS_LIMIT'],
    'loss of the day, fall from the peak and ruin are found at their limits, in this order');

select results_eq($$
    select pg_temp.find(1000, 1000, 1000, t.gross)
      from (values (1, 1500), (2, 1501), (3, null)) as t (n, gross)
     order by t.n $$,
    array[null, 'LEVERAGE_LIMIT', 'LEVERAGE_LIMIT'],
    'exposure may be as large as halt_leverage times the equity, no larger, and must be known');

insert into risk.rejects values (:'run', 1, 'a', '2024-01-02 14:59:00+00'),
                                (:'run', 2, 'b', '2024-01-02 14:59:00.000001+00');
select is(pg_temp.find(1000, 1000, 1000), null,
          'a reject as old as the window no longer counts');

insert into risk.rejects values (:'run', 3, 'c', '2024-01-02 15:00:00+00');
select is(pg_temp.find(1000, 1000, 1000), 'REJECT_STORM',
          'as many rejects as the limit within the window are a storm');

select * from finish();
rollback;

\ir ../_setup.sql
begin;
select plan(31);

-- tests/python/lab holds these against figures that others computed; here is what is undefined.
select is(lab.compute_sharpe(array[0.01, 0.01]), null, 'without variation there is no Sharpe ratio');
select is(lab.compute_sortino(array[0.01, 0.02]), null, 'without a loss there is no Sortino ratio');
select is(lab.compute_calmar(array[0.01, 0.02], 252), null, 'without a fall there is no Calmar ratio');
select is(lab.compute_annual_return(null, 252), null, 'without a series there is no return a year');
select is(lab.compute_annual_return(array[]::numeric[], 252), null, 'nor of an empty one');
select is(lab.compute_max_drawdown(null), null, 'without a series there is no drawdown');
select results_eq(
    $$ values (lab.compute_calmar(null, 252)), (lab.compute_calmar(array[]::numeric[], 252)) $$,
    array[null, null]::numeric[], 'and no Calmar ratio');
select is(lab.compute_profit_factor(array[1, 2]), null, 'without a loss there is no profit factor');
select is(lab.compute_annual_volatility(array[0.01]), null, 'one return has no volatility');
select is(lab.compute_annual_return(array[-1, 5.0], 252), null, 'after ruin there is no return a year');
select is(lab.compute_max_drawdown_micros(array[]::bigint[]), null, 'no curve, no drawdown');
select is(lab.compute_max_drawdown_micros(array[100, 50, 200, 150]), -0.5,
          'the deepest fall is measured from the peak before it');
select results_eq($$
    select lab.compute_recovery_days(t.curve)
      from (values (1, array[1, 2, 3]::bigint[]), (2, array[3, 2, 3]), (3, array[3, 1, 2, 4, 1]),
                   (4, array[3, 2, 1])) as t (n, curve)
     order by t.n $$,
    array[0, 2, 3, 0],
    'the way back is counted when it was made');

select is(round(lab.compute_worst_span(array[100, 110, 99, 100, 120, 110, 120]::bigint[], 5), 4), 0.0909,
          'five sessions are six values: of two spans the lower');
select is(lab.compute_worst_span(array[100, 110, 99, 100, 120]::bigint[], 5), null,
          'a curve of four sessions has no worst five');
select is(lab.compute_worst_span(null, 5), null, 'nor has none');
select results_eq(
    $$ select peak_at, bottom_at, recovered_at
         from lab.find_deepest_fall(array[100, 90, 100, 120, 60, 90, 120, 121, 110]) $$,
    $$ values (4, 5, 7) $$, 'the deepest fall: from its peak to the day the peak is reached');
select results_eq(
    $$ select peak_at, bottom_at, recovered_at from lab.find_deepest_fall(array[100, 100, 50, 99]) $$,
    $$ values (2, 3, null::integer) $$, 'from the last day at the peak; a fall may last');
select results_eq(
    $$ select count(*), count(peak_at) from lab.find_deepest_fall(array[1, 2, 2, 3]) $$,
    $$ values (1::bigint, 0::bigint) $$, 'a curve that never falls has none');
select results_eq(
    $$ select period, round(return_ratio, 4) from lab.list_periods(
           100, array['2024-01-30', '2024-01-31', '2024-03-01']::date[], array[90, 110, 55], 'YYYY-MM') $$,
    $$ values ('2024-01', 0.1), ('2024-03', -0.5) $$,
    'a month returns from the end of the one before it, the first from the opening cash');
select results_eq(
    $$ select round(return_ratio, 4) from lab.list_periods(
           100, array['2023-12-29', '2024-01-02']::date[], array[0, 5], 'YYYY') $$,
    $$ values (-1.0), (null) $$, 'after ruin there is no return');
select results_eq(
    $$ select from_bps, to_bps, sessions from lab.list_return_buckets(array[10000, 9999, 9999, 10000]) $$,
    $$ values (-1, 0, 1::bigint), (0, 1, 1), (1, 2, 1) $$, 'a bucket holds its lower end, not its upper');
select is((select sum(sessions) from lab.list_return_buckets(array[100, 1, 1000, 3, 3000, 100])), 5.0,
          'every return is in one bucket, however wide they lie');
select is((select array[count(*) < 42, sum(sessions) = 2]
             from lab.list_return_buckets(array[100000000000, 1, 100000000000])),
          array[true, true], 'nor is a fall to a millionth, and back, too wide for them');
select is((select count(*) from lab.list_rolling_sharpe(array[1, 2, 3, 5], 4)), 0::bigint,
          'three returns have no ratio of four');
select is((select array_agg(position_no) from lab.list_rolling_sharpe(array[1, 2, 3, 5, 4], 3)),
          array[3, 4], 'the first ratio stands where there are as many returns');
select is(lab.describe_trades(array[5, 0, 3, 3, -4, -4, 8], array[1, 1, 1, 1, 1, 1, 2], 2),
    '{"trades": 7, "winning_trades": 4, "losing_trades": 2, "win_rate": 0.571429, "profit_factor": 2.375000,
      "profit_factor_after_fees": 1.900000, "average_win_micros": 5, "average_loss_micros": -4,
      "best_trade_micros": 8, "worst_trade_micros": -4, "average_sessions_held": 1.142857,
      "longest_winning_streak": 2, "longest_losing_streak": 2}'::jsonb,
    'a trade without profit or loss is neither and ends a streak; all fees are loss');
select is(lab.describe_trades(array[5], array[1], 0) -> 'profit_factor_after_fees', 'null',
          'without loss and fee the profit factor is not infinite');
select is(lab.describe_trades(array[5], array[1], 1) ->> 'profit_factor_after_fees', '5.000000',
          'one micro of fees makes it a number');
select set_eq(
    $$ select jsonb_object_keys(lab.explain_undefined(f.figures))
         from (select lab.describe_curve(100, null, null, null) || lab.describe_trades(null, null, 0)
                      as figures) as f $$,
    $$ select e.key from jsonb_each(lab.describe_curve(100, null, null, null)
                                    || lab.describe_trades(null, null, 0)) as e
        where e.value = 'null' and e.key not in ('first_session_on', 'last_session_on') $$,
    'every figure that is undefined where nothing happened has a word why');
select is(
    (select array_agg(distinct w.value order by w.value)
       from (select lab.describe_curve(100, null, null, null) || lab.describe_trades(null, null, 0)
                    as figures) as f
      cross join lateral jsonb_each_text(lab.explain_undefined(f.figures)) as w),
    array['no lot was closed', 'no session was played'], 'and the word is that nothing happened');

select * from finish();
rollback;

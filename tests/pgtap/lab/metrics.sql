\ir ../_setup.sql
begin;
select plan(13);

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

select * from finish();
rollback;
